import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Losses } from './losses.ts';

/** How VW did with one command. */
interface VowpalWabbitLearner {
  name: string;
  losses: Losses;
}

/** What VW reached, in this run or in one that was committed. */
export interface VowpalWabbitResults {
  version: string;
  /** When, where it is not this run. */
  committedAt?: string;
  usual: readonly VowpalWabbitLearner[];
  tuned: readonly VowpalWabbitLearner[];
}

interface Stored {
  version: string;
  usual: readonly StoredLearner[];
  tuned: readonly StoredLearner[];
}

interface StoredLearner {
  name: string;
  losses: Readonly<Record<string, readonly number[]>>;
}

/** For the file of results. */
export function storedResults({ version, usual, tuned }: VowpalWabbitResults): Stored {
  return { version, usual: usual.map(storedLearner), tuned: tuned.map(storedLearner) };
}

/**
 * The results that were committed last, of the first shuffles and the given data sets: shuffles are the same in every
 * run.
 * @returns `undefined` when none were committed, or of fewer shuffles or data sets
 */
export async function committedResults(
  folder: string,
  datasets: readonly string[],
  shuffles: number,
): Promise<VowpalWabbitResults | undefined> {
  let text;
  try {
    text = await readFile(join(folder, 'learn.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { at, details } = JSON.parse(text) as { at: string; details?: { vowpalwabbit?: Stored } };
  const stored = details?.vowpalwabbit;
  if (!stored) return undefined;
  const usual = stored.usual.map((learner) => readLearner(learner, datasets, shuffles));
  const tuned = stored.tuned.map((learner) => readLearner(learner, datasets, shuffles));
  if ([...usual, ...tuned].includes(undefined)) return undefined;
  const isThere = (learner: VowpalWabbitLearner | undefined): learner is VowpalWabbitLearner =>
    learner !== undefined;
  return {
    version: stored.version,
    committedAt: at,
    usual: usual.filter(isThere),
    tuned: tuned.filter(isThere),
  };
}

function storedLearner({ name, losses }: VowpalWabbitLearner): StoredLearner {
  return {
    name,
    losses: Object.fromEntries([...losses].map(([dataset, values]) => [dataset, values.map(short)])),
  };
}

function readLearner(
  { name, losses }: StoredLearner,
  datasets: readonly string[],
  shuffles: number,
): VowpalWabbitLearner | undefined {
  const read = new Map<string, readonly number[]>();
  for (const dataset of datasets) {
    const values = losses[dataset];
    if (!values || values.length < shuffles) return undefined;
    read.set(dataset, values.slice(0, shuffles));
  }
  return { name, losses: read };
}

/** Enough to tell the loss of each row of any data set here. */
function short(loss: number): number {
  return Number(loss.toFixed(6));
}
