import type { Readable } from 'node:stream';

export type ReadBody =
  | { ok: true; body: Buffer }
  | { ok: false; reason: 'too_large' | 'stalled' | 'broken_off' | 'no_room' };

export interface ReadBodyOptions {
  maxBytes: number;
  /** Longest time without a byte. */
  stallMs: number;
  /** Asked before bytes are kept; false ends the reading with `no_room`. */
  reserve: (bytes: number) => boolean;
}

/** Reads a body whole, within its limits. What comes after the end of reading is not read. */
export function readBody(
  stream: Readable,
  { maxBytes, stallMs, reserve }: ReadBodyOptions,
): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => end({ ok: false, reason: 'stalled' }), stallMs);

    function end(result: ReadBody): void {
      clearTimeout(timer);
      stream.off('data', take).off('end', finish).off('error', breakOff).off('close', breakOff);
      // An error that comes later has nobody to tell; without a listener it would end the process.
      stream.on('error', () => undefined);
      if (!result.ok) stream.pause();
      resolve(result);
    }
    function take(chunk: Buffer): void {
      timer.refresh();
      bytes += chunk.length;
      if (bytes > maxBytes) end({ ok: false, reason: 'too_large' });
      else if (!reserve(chunk.length)) end({ ok: false, reason: 'no_room' });
      else chunks.push(chunk);
    }
    function finish(): void {
      end({ ok: true, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes) });
    }
    function breakOff(): void {
      end({ ok: false, reason: 'broken_off' });
    }
    stream.on('data', take).on('end', finish).on('error', breakOff).on('close', breakOff);
  });
}
