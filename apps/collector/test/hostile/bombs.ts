import { constants, createBrotliCompress, deflateRawSync, gzipSync } from 'node:zlib';

const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** An empty last block, a checksum and a length: nobody should get as far. */
const GZIP_END = Buffer.from([3, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0]);
const GZIP_BLOCK = 32 * 1024 * 1024;
const BROTLI_BLOCK = 16 * 1024 * 1024;
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** The largest block of zstd. */
const ZSTD_BLOCK = 128 * 1024;

const repeated = (piece: Uint8Array, times: number): Buffer => Buffer.alloc(piece.length * times, piece);

/** Zeros, a thousandth of their size: a block that ends at a byte is repeated. */
export function gzipOfZeros(bytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(GZIP_BLOCK), { finishFlush: constants.Z_FULL_FLUSH, level: 9 });
  return Buffer.concat([GZIP_HEAD, repeated(block, Math.ceil(bytes / GZIP_BLOCK)), GZIP_END]);
}

/** Zeros, a millionth of their size. */
export async function brotliOfZeros(bytes: number): Promise<Buffer> {
  const packer = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  const pieces: Buffer[] = [];
  packer.on('data', (piece: Buffer) => pieces.push(piece));
  const packed = async (): Promise<Buffer> => {
    packer.write(Buffer.alloc(BROTLI_BLOCK));
    await new Promise<void>((resolve) => {
      packer.flush(constants.BROTLI_OPERATION_FLUSH, resolve);
    });
    return Buffer.concat(pieces.splice(0));
  };
  const first = await packed();
  // The first carries the beginning of the stream, the second is what comes again and again.
  const next = await packed();
  packer.destroy();
  // An empty last metablock.
  return Buffer.concat([first, repeated(next, Math.ceil(bytes / BROTLI_BLOCK) - 1), Buffer.from([3])]);
}

/** Zeros, a 32,000th of their size: each block says "this byte, so often". */
export function zstdOfZeros(bytes: number): Buffer {
  const blocks = Math.ceil(bytes / ZSTD_BLOCK);
  const rle = (last: boolean): Buffer => {
    const block = Buffer.alloc(4);
    block.writeUIntLE((ZSTD_BLOCK << 3) | (1 << 1) | (last ? 1 : 0), 0, 3);
    return block;
  };
  // A frame with a window of 128 KiB and nothing else said.
  return Buffer.concat([
    Buffer.from([...ZSTD_MAGIC, 0x00, 0x38]),
    repeated(rle(false), blocks - 1),
    rle(true),
  ]);
}

/** A frame of zstd that asks for a window of 2^41 bytes. */
export function zstdOfHugeWindow(): Buffer {
  return Buffer.concat([Buffer.from([...ZSTD_MAGIC, 0x00, 0xff]), zstdOfZeros(ZSTD_BLOCK).subarray(6)]);
}

/** A frame of zstd that says it has 2^62 bytes in one segment. */
export function zstdOfHugeContent(): Buffer {
  return Buffer.from([...ZSTD_MAGIC, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x01, 0, 0]);
}

/** Thousands of empty members one after another: much to begin, nothing to have. */
export function gzipOfMembers(bytes: number): Buffer {
  const member = gzipSync('');
  return repeated(member, Math.floor(bytes / member.length));
}

/** A header whose name of a file does not end. */
export function gzipOfLongName(bytes: number): Buffer {
  return Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]), Buffer.alloc(bytes - 10, 0x61)]);
}
