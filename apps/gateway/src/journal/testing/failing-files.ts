import { type SegmentFile, type SegmentFiles, diskFiles } from '../segment-files.ts';

/** A real disk that does what the test says at each step. */
export class FailingFiles implements SegmentFiles {
  /** How many bytes of the next writes get through before ENOSPC; all of them without it. */
  room = Number.POSITIVE_INFINITY;
  failSync = false;
  failCut = false;
  failNote = false;
  writes = 0;
  syncs = 0;
  /** Held until `release`, as a slow disk would. */
  holdSync = false;
  #held: (() => void)[] = [];

  readonly create = (path: string): SegmentFile => {
    if (this.room <= 0) throw diskError('ENOSPC');
    const file = diskFiles.create(path);
    return {
      write: (bytes, length, at) => {
        this.writes += 1;
        const through = Math.min(length, this.room);
        this.room -= through;
        file.write(bytes, through, at);
        if (through < length) throw diskError('ENOSPC');
      },
      sync: async () => {
        this.syncs += 1;
        if (this.holdSync) await new Promise<void>((resolve) => this.#held.push(resolve));
        if (this.failSync) throw diskError('EIO');
        await file.sync();
      },
      cut: (at) => {
        if (this.failCut) throw diskError('EIO');
        file.cut(at);
      },
      close: () => file.close(),
    };
  };

  readonly noteCut = (path: string, at: number): void => {
    if (this.failNote) throw diskError('EIO');
    diskFiles.noteCut(path, at);
  };

  release(): void {
    this.holdSync = false;
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

function diskError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: of the test`), { code });
}
