import { createHash } from 'node:crypto';
import { CheckpointError } from './checkpoint-error.ts';

/** Named arrays and texts: what a safetensors file holds (huggingface.co/docs/safetensors). Little-endian doubles. */
export interface Tensors {
  metadata: Readonly<Record<string, string>>;
  arrays: ReadonlyMap<string, Float64Array>;
}

const BYTES = Float64Array.BYTES_PER_ELEMENT;
const LENGTH_BYTES = 8;
/** No header of ours is longer; a longer one is no header. */
const LONGEST_HEADER = 1_048_576;

/** Name in the metadata of the SHA-256 of all arrays' bytes, in hexadecimal digits. */
const DIGEST = 'arrays_sha256';

/**
 * Writes a safetensors file: 8 bytes with the length of the header, a JSON header that is padded with blanks to a
 * multiple of 8 bytes, then the arrays. The same content gives the same bytes.
 */
export function encodeTensors({ metadata, arrays }: Tensors): Uint8Array {
  const header: Record<string, unknown> = {
    __metadata__: { ...metadata, [DIGEST]: digestOf(arrays.values()) },
  };
  let size = 0;
  for (const [name, array] of arrays) {
    header[name] = {
      dtype: 'F64',
      shape: [array.length],
      data_offsets: [size, size + array.byteLength],
    };
    size += array.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / BYTES) * BYTES;
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  file.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const array of arrays.values()) {
    file.set(bytesOf(array), at);
    at += array.byteLength;
  }
  return file;
}

/** SHA-256 of the bytes of arrays, one behind the other, in hexadecimal digits. */
export function digestOf(arrays: Iterable<Float64Array>): string {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(bytesOf(array));
  return hash.digest('hex');
}

/**
 * Reads such a file.
 * @throws CheckpointError when the bytes are none, are cut off or not those that were written, or hold what is no finite
 *   number
 */
export function decodeTensors(file: Uint8Array): Tensors {
  if (file.length < LENGTH_BYTES) throw new CheckpointError('the file is shorter than its header');
  const length = new DataView(file.buffer, file.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(Math.min(LONGEST_HEADER, file.length - LENGTH_BYTES))) {
    throw new CheckpointError('the header is cut off, or the file is not in the format of safetensors');
  }
  const from = LENGTH_BYTES + Number(length);
  const header = parseHeader(new TextDecoder().decode(file.subarray(LENGTH_BYTES, from)));
  const { __metadata__: metadata, ...described } = header;
  const arrays = new Map<string, Float64Array>();
  let end = 0;
  for (const [name, tensor] of Object.entries(described)) {
    const [start, stop] = offsetsOf(name, tensor);
    if (start !== end) throw new CheckpointError(`array ${name} does not begin where the one before it ends`);
    end = stop;
    if (from + stop > file.length) throw new CheckpointError(`array ${name} is cut off`);
    // Copied: the arrays of a state are changed, and must be aligned. Not by slice(), which copies nothing in a Buffer.
    const array = new Float64Array(new Uint8Array(file.subarray(from + start, from + stop)).buffer);
    for (let index = 0; index < array.length; index += 1) {
      if (!Number.isFinite(array[index])) throw new CheckpointError(`array ${name} holds ${array[index]}`);
    }
    arrays.set(name, array);
  }
  if (from + end !== file.length) throw new CheckpointError('there are bytes behind the last array');
  const texts = textsOf(metadata);
  if (texts[DIGEST] !== digestOf(arrays.values())) {
    throw new CheckpointError('the arrays are not those that were written: their SHA-256 is another one');
  }
  return { metadata: texts, arrays };
}

function bytesOf(array: Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function parseHeader(text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) {
      return header as Record<string, unknown>;
    }
  } catch (error) {
    throw new CheckpointError(
      `the header is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  throw new CheckpointError('the header is not an object');
}

function offsetsOf(name: string, tensor: unknown): [number, number] {
  const { dtype, shape, data_offsets: offsets } = (tensor ?? {}) as Record<string, unknown>;
  if (dtype !== 'F64') throw new CheckpointError(`array ${name} is not of type F64`);
  const [length] = Array.isArray(shape) && shape.length === 1 ? (shape as unknown[]) : [];
  const [start, stop] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (
    !Number.isSafeInteger(length) ||
    !Number.isSafeInteger(start) ||
    !Number.isSafeInteger(stop) ||
    Number(stop) - Number(start) !== Number(length) * BYTES
  ) {
    throw new CheckpointError(`the place of array ${name} does not fit its shape`);
  }
  return [Number(start), Number(stop)];
}

function textsOf(metadata: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(metadata ?? {})) {
    if (typeof text !== 'string') throw new CheckpointError(`${name} of the metadata is not a text`);
    texts[name] = text;
  }
  return texts;
}
