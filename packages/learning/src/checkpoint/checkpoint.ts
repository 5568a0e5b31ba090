import type { VersionConfiguration } from '@rlaas/schemas';
import type { LinearState, LinearTotals } from '../learner/linear-learner.ts';
import type { Posterior } from '../learner/posterior.ts';
import {
  type LinearModel,
  type PolicyModel,
  type PolicyState,
  hasRewardModel,
  modelCount,
} from '../policy/policy-state.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { configurationDigest } from './configuration-digest.ts';
import { type Tensors, decodeTensors, digestOf, encodeTensors } from './safetensors.ts';

/** Whose checkpoint it is, and how far it has come. */
export interface CheckpointMetadata {
  policy: string;
  version: string;
  /** Position in the training log: how many rewards were applied, in its order. */
  position: number;
}

const FORMAT = 'rlaas-linear-2';
/** Name in the metadata of a second file of the SHA-256 of the first one's arrays. */
const MODEL_DIGEST = 'model_arrays_sha256';
const POSTERIOR = ['means', 'variances', 'scales', 'sums', 'counts'] as const;
const TOTALS = ['normSum', 'importance', 'least', 'most'] as const;

/**
 * What a version decides with, as a safetensors file: `model.<i>.weights` (or `posterior.*`), and the counters as texts
 * that read back to the same double. The same state gives the same bytes.
 */
export function encodeModel(
  model: PolicyModel,
  configuration: VersionConfiguration,
  metadata: CheckpointMetadata,
): Uint8Array {
  const arrays = arraysOf(model);
  const texts = headOf('model', configuration, metadata);
  texts['decisions'] = String(model.counters.decisions);
  texts['actions'] = String(model.counters.actions);
  for (const [index, { totals }] of model.models.entries()) writeTotals(texts, `model.${index}`, totals);
  if (model.posterior) {
    texts['posterior.least'] = String(model.posterior.totals.least);
    texts['posterior.most'] = String(model.posterior.totals.most);
  }
  return encodeTensors({ metadata: texts, arrays });
}

/**
 * What an exact resume needs beside the model: `model.<i>.gradients` and `.scales`, and the reward model whole. It names
 * the SHA-256 of the model's arrays.
 */
export function encodeResume(
  state: PolicyState,
  configuration: VersionConfiguration,
  metadata: CheckpointMetadata,
): Uint8Array {
  const arrays = new Map<string, Float64Array>();
  const texts = headOf('resume', configuration, metadata);
  texts[MODEL_DIGEST] = digestOf(arraysOf(state).values());
  for (const [index, { gradients, scales }] of state.models.entries()) {
    arrays.set(`model.${index}.gradients`, gradients);
    arrays.set(`model.${index}.scales`, scales);
  }
  if (state.rewardModel) {
    const { weights, gradients, scales, totals } = state.rewardModel;
    arrays.set('reward.weights', weights);
    arrays.set('reward.gradients', gradients);
    arrays.set('reward.scales', scales);
    writeTotals(texts, 'reward', totals);
  }
  return encodeTensors({ metadata: texts, arrays });
}

/**
 * Reads the model of a version.
 * @throws CheckpointError when the file is not one, is damaged, or belongs to another configuration
 */
export function decodeModel(
  file: Uint8Array,
  configuration: VersionConfiguration,
): { model: PolicyModel; metadata: CheckpointMetadata } {
  const tensors = decodeTensors(file);
  const metadata = checkHead(tensors, 'model', configuration);
  const reader = readerOf(tensors, configuration);
  return {
    model: {
      models: Array.from({ length: modelCount(configuration) }, (_, index): LinearModel => ({
        weights: reader.array(`model.${index}.weights`),
        totals: reader.totals(`model.${index}`),
      })),
      posterior: configuration.explorer.kind === 'thompson' ? readPosterior(reader) : undefined,
      counters: { decisions: reader.number('decisions'), actions: reader.number('actions') },
    },
    metadata,
  };
}

/**
 * Reads a whole state, to learn on from it to the same bits.
 * @throws CheckpointError as `decodeModel`, and when the two files are not of the same checkpoint
 */
export function decodeState(
  modelFile: Uint8Array,
  resumeFile: Uint8Array,
  configuration: VersionConfiguration,
): { state: PolicyState; metadata: CheckpointMetadata } {
  const { model, metadata } = decodeModel(modelFile, configuration);
  const tensors = decodeTensors(resumeFile);
  const other = checkHead(tensors, 'resume', configuration);
  if (
    other.policy !== metadata.policy ||
    other.version !== metadata.version ||
    other.position !== metadata.position ||
    tensors.metadata[MODEL_DIGEST] !== digestOf(arraysOf(model).values())
  ) {
    throw new CheckpointError('the two files are not of the same checkpoint');
  }
  const reader = readerOf(tensors, configuration);
  const whole = (weights: Float64Array, totals: LinearTotals, name: string): LinearState => ({
    weights,
    gradients: reader.array(`${name}.gradients`),
    scales: reader.array(`${name}.scales`),
    totals,
  });
  return {
    state: {
      models: model.models.map(({ weights, totals }, index) =>
        whole(weights, { ...totals }, `model.${index}`),
      ),
      rewardModel: hasRewardModel(configuration)
        ? whole(reader.array('reward.weights'), reader.totals('reward'), 'reward')
        : undefined,
      posterior: model.posterior,
      counters: { ...model.counters },
    },
    metadata,
  };
}

/** The arrays of the model's file, in its order. */
function arraysOf({ models, posterior }: PolicyModel): Map<string, Float64Array> {
  const arrays = new Map<string, Float64Array>();
  for (const [index, { weights }] of models.entries()) arrays.set(`model.${index}.weights`, weights);
  if (posterior) for (const name of POSTERIOR) arrays.set(`posterior.${name}`, posterior[name]);
  return arrays;
}

function headOf(
  part: 'model' | 'resume',
  configuration: VersionConfiguration,
  { policy, version, position }: CheckpointMetadata,
): Record<string, string> {
  return {
    format: FORMAT,
    part,
    policy,
    version,
    position: String(position),
    configuration: configurationDigest(configuration),
  };
}

function checkHead(
  { metadata }: Tensors,
  part: 'model' | 'resume',
  configuration: VersionConfiguration,
): CheckpointMetadata {
  if (metadata['format'] !== FORMAT) {
    throw new CheckpointError(`the format is ${metadata['format'] ?? 'not said'}, not ${FORMAT}`);
  }
  if (metadata['part'] !== part)
    throw new CheckpointError(`this is the part ${metadata['part']}, not ${part}`);
  if (metadata['configuration'] !== configurationDigest(configuration)) {
    throw new CheckpointError('it was learned with another configuration');
  }
  const position = Number(metadata['position']);
  if (!Number.isSafeInteger(position) || position < 0)
    throw new CheckpointError('its position is not a number');
  return { policy: metadata['policy'] ?? '', version: metadata['version'] ?? '', position };
}

interface Reader {
  array: (name: string) => Float64Array;
  number: (name: string) => number;
  totals: (name: string) => LinearTotals;
}

function readerOf({ metadata, arrays }: Tensors, { learner }: VersionConfiguration): Reader {
  const size = 2 ** learner.bits;
  const number = (name: string): number => {
    const text = metadata[name];
    const value = Number(text);
    if (text === undefined || text === '' || !Number.isFinite(value)) {
      throw new CheckpointError(`${name} is not a number`);
    }
    return value;
  };
  return {
    number,
    array(name) {
      const array = arrays.get(name);
      if (!array) throw new CheckpointError(`array ${name} is missing`);
      if (array.length !== size) {
        throw new CheckpointError(`array ${name} has ${array.length} places, not ${size}`);
      }
      return array;
    },
    totals: (name) => ({
      normSum: number(`${name}.normSum`),
      importance: number(`${name}.importance`),
      least: number(`${name}.least`),
      most: number(`${name}.most`),
    }),
  };
}

function readPosterior(reader: Reader): Posterior {
  return {
    means: reader.array('posterior.means'),
    variances: reader.array('posterior.variances'),
    scales: reader.array('posterior.scales'),
    sums: reader.array('posterior.sums'),
    counts: reader.array('posterior.counts'),
    totals: { least: reader.number('posterior.least'), most: reader.number('posterior.most') },
  };
}

function writeTotals(texts: Record<string, string>, name: string, totals: Readonly<LinearTotals>): void {
  for (const total of TOTALS) texts[`${name}.${total}`] = String(totals[total]);
}
