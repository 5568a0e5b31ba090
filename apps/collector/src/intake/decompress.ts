import { promisify } from 'node:util';
import { brotliDecompress, constants, gunzip, zstdDecompress } from 'node:zlib';

/** Largest body before it is unpacked. */
export const PACKED_BYTES = 2 * 1024 * 1024;
/** A body may grow to this many times its size: what is larger was made to fill memory. */
const RATIO = 50;
/** Short bodies may be very repetitive. */
const ALWAYS_BYTES = 64 * 1024;
/** A window of 8 MiB, the most that decoders are asked to support. The format allows gigabytes. */
const ZSTD_WINDOW_LOG = 23;

const unpackers = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  zstd: promisify((body: Buffer, { maxOutputLength }: { maxOutputLength: number }, done: Done) =>
    zstdDecompress(
      body,
      { maxOutputLength, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } },
      done,
    ),
  ),
};
type Done = (error: Error | null, result: Buffer) => void;
export type Encoding = keyof typeof unpackers;

export const encodings = Object.keys(unpackers) as Encoding[];

export function isEncoding(text: string): text is Encoding {
  return Object.hasOwn(unpackers, text);
}

export type Unpacked =
  | { ok: true; body: Buffer }
  /** `too_large`: it would grow beyond the limit or the ratio; it was stopped there. */
  | { ok: false; reason: 'too_large' | 'corrupt' };

/** Unpacks a body outside of the main thread and stops when it grows too large. */
export async function decompress(
  body: Buffer,
  { encoding, maxBytes }: { encoding: Encoding; maxBytes: number },
): Promise<Unpacked> {
  const maxOutputLength = Math.min(maxBytes, Math.max(ALWAYS_BYTES, body.length * RATIO));
  try {
    return { ok: true, body: await unpackers[encoding](body, { maxOutputLength }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { ok: false, reason: 'too_large' };
    if (typeof code === 'string' && /^(Z_|ERR_|ZSTD_)/.test(code)) return { ok: false, reason: 'corrupt' };
    throw error;
  }
}
