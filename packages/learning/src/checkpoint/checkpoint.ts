import type { PolicyState } from '../policy/linear-policy.ts';

/** What stands in the header of a checkpoint beside the arrays. */
export interface CheckpointMetadata {
  policy: string;
  version: string;
  /** Position in the training log: how many rewards were applied, in its order. */
  position: number;
}

const FORMAT = 'rlaas-linear-1';
const ARRAYS = ['weights', 'gradients', 'scales'] as const;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/**
 * A checkpoint as a safetensors file (huggingface.co/docs/safetensors): 8 bytes with the length of the header, a JSON
 * header, then three arrays of doubles, little-endian. The same state gives the same bytes. Doubles in the header are
 * decimal texts that read back to the same double.
 */
export function encodeCheckpoint(state: PolicyState, metadata: CheckpointMetadata): Uint8Array {
  const { linear, counters } = state;
  const size = linear.weights.length;
  const header: Record<string, unknown> = {
    __metadata__: {
      format: FORMAT,
      policy: metadata.policy,
      version: metadata.version,
      position: String(metadata.position),
      decisions: String(counters.decisions),
      actions: String(counters.actions),
      norm_sum: String(linear.totals.normSum),
      importance: String(linear.totals.importance),
      least: String(linear.totals.least),
      most: String(linear.totals.most),
    },
  };
  for (const [index, name] of ARRAYS.entries()) {
    header[name] = {
      dtype: 'F64',
      shape: [size],
      data_offsets: [index * size * BYTES, (index + 1) * size * BYTES],
    };
  }
  const text = JSON.stringify(header);
  // Padded with blanks, so that the arrays begin at a multiple of eight bytes.
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const file = new Uint8Array(8 + json.length + ARRAYS.length * size * BYTES);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  for (const [index, name] of ARRAYS.entries()) {
    const array = linear[name];
    file.set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
      8 + json.length + index * size * BYTES,
    );
  }
  return file;
}

/** Reads a checkpoint. @throws RangeError when the bytes are none */
export function decodeCheckpoint(file: Uint8Array): { state: PolicyState; metadata: CheckpointMetadata } {
  if (file.length < 8) throw new RangeError('the checkpoint is shorter than its header');
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (length > file.length - 8) throw new RangeError('the header of the checkpoint is cut off');
  const { ['__metadata__']: meta, weights } = JSON.parse(
    new TextDecoder().decode(file.subarray(8, 8 + length)),
  ) as { ['__metadata__']: Record<string, string>; weights: { shape: [number] } };
  if (meta['format'] !== FORMAT) throw new RangeError(`the format of the checkpoint is not ${FORMAT}`);
  const [size] = weights.shape;
  if (file.length !== 8 + length + ARRAYS.length * size * BYTES)
    throw new RangeError('the checkpoint is cut off');
  const array = (index: number): Float64Array => {
    const start = 8 + length + index * size * BYTES;
    // Copied: the arrays of a state are changed, and must be aligned. Not by slice(), which copies nothing in a Buffer.
    return new Float64Array(new Uint8Array(file.subarray(start, start + size * BYTES)).buffer);
  };
  const number = (name: string): number => {
    const value = Number(meta[name]);
    if (!Number.isFinite(value)) throw new RangeError(`${name} of the checkpoint is not a number`);
    return value;
  };
  return {
    state: {
      linear: {
        weights: array(0),
        gradients: array(1),
        scales: array(2),
        totals: {
          normSum: number('norm_sum'),
          importance: number('importance'),
          least: number('least'),
          most: number('most'),
        },
      },
      counters: { decisions: number('decisions'), actions: number('actions') },
    },
    metadata: { policy: meta['policy'] ?? '', version: meta['version'] ?? '', position: number('position') },
  };
}
