import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** A segment that is being written. Every method throws the error of the disk. */
export interface SegmentFile {
  /** Writes the first `length` bytes at a place, all of them. */
  write: (bytes: Buffer, length: number, at: number) => void;
  /** Returns when what was written survives the loss of power. */
  sync: () => Promise<void>;
  /** Takes off what stands behind a place. */
  cut: (at: number) => void;
  close: () => void;
}

/** The disk, as far as the journal writes to it; a port, since disks fill up and break. */
export interface SegmentFiles {
  /** Makes a file that must not exist yet. */
  create: (path: string) => SegmentFile;
  /** Leaves a note that a segment counts up to a place only, for the next start. */
  noteCut: (path: string, at: number) => void;
}

const syncData = promisify(fdatasync);

export const diskFiles: SegmentFiles = {
  // Not for appending: there a place to write at is ignored.
  create: (path) => segmentFile(path, openSync(path, 'wx', 0o600)),
  noteCut: (path, at) => replaceFile(path, String(at)),
};

function segmentFile(path: string, file: number): SegmentFile {
  let entryKept = false;
  return {
    write(bytes, length, at) {
      let written = 0;
      while (written < length) written += writeSync(file, bytes, written, length - written, at + written);
    },
    async sync() {
      // The name of a new file is data of its folder.
      if (!entryKept) syncFolder(dirname(path));
      entryKept = true;
      await syncData(file);
    },
    cut: (at) => ftruncateSync(file, at),
    close: () => closeSync(file),
  };
}

/** Writes a file anew, as a whole or not at all, and so that it survives the loss of power. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const beside = `${path}.new`;
  writeFileSync(beside, content, { mode: 0o600, flush: true });
  renameSync(beside, path);
  syncFolder(dirname(path));
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
