import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CommandError, EXIT } from '../exit-codes.ts';

/**
 * The text of a file in pieces, unpacked where its name ends in `.gz`; memory does not grow with the file.
 * @param onBytes told each piece of the file as it is on the disk
 * @throws CommandError when it cannot be read, is no gzip, or is not UTF-8
 */
export async function* readText(path: string, onBytes: (bytes: Buffer) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of unpacked(path, onBytes)) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (error) {
    throw explainedRead(path, error);
  }
}

function unpacked(path: string, onBytes: (bytes: Buffer) => void): AsyncIterable<Buffer> {
  const file = watched(path, onBytes);
  if (!path.endsWith('.gz')) return file;
  // Whoever reads the last stream is told of every failure; the callback has nothing to add.
  return pipeline(file, createGunzip(), () => undefined);
}

async function* watched(path: string, onBytes: (bytes: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(path, { highWaterMark: 64 * 1024 })) {
    const bytes = piece as Buffer;
    onBytes(bytes);
    yield bytes;
  }
}

/** What a person can do something about, said in words; anything else as it is. */
export function explainedRead(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const said = (message: string) => new CommandError(EXIT.usage, `${path}: ${message}`, { cause: error });
  if (code === 'ENOENT') return said('there is no such file.');
  if (code === 'EISDIR') return said('is a folder.');
  if (code === 'EACCES') return said('may not be read by this user.');
  if (code.startsWith('Z_')) return said('is no whole gzip file, though its name ends in .gz.');
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return said('is not UTF-8 text.');
  return error;
}
