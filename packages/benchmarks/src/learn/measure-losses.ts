import type { NamedConfiguration } from './configurations.ts';
import { inParallel } from '../process/in-parallel.ts';
import { type LearnBed, startLearner } from './learn-bed.ts';
import { type VowpalWabbitPeer, startVowpalWabbit } from './vowpalwabbit-peer.ts';
import type { VowpalWabbitCommand } from './vowpalwabbit-commands.ts';
import type { Losses } from './losses.ts';

const ANSWER_MS = 300_000;

/** A learner and how often it was wrong. */
export interface MeasuredLearner {
  name: string;
  losses: Losses;
}

/** Lets configurations of RLaaS go over all data sets. @returns in their order */
export async function measureConfigurations(
  bed: LearnBed,
  configurations: readonly NamedConfiguration[],
): Promise<MeasuredLearner[]> {
  const workers = await Promise.all(Array.from({ length: bed.processes }, () => startLearner(bed)));
  try {
    const jobs = jobsOf(bed, configurations);
    const losses = await inParallel(workers, jobs, async (worker, { of, dataset }) => {
      const shuffles = bed.shuffles.get(dataset)?.slice(0, bed.size.shuffles) ?? [];
      const { data } = bed;
      const job = { kind: 'losses' as const, data, dataset, shuffles, configuration: of.configuration };
      return (await worker.ask(job, ANSWER_MS)) as number[];
    });
    return gathered(bed, configurations, jobs, losses);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** Lets VW go over all data sets, once for each command. @returns in their order, and which VW it was */
export async function measureCommands(
  bed: LearnBed,
  python: string,
  commands: readonly VowpalWabbitCommand[],
): Promise<{ version: string; learners: MeasuredLearner[] }> {
  const peers = await Promise.all(
    Array.from({ length: bed.processes }, () => acquireVowpalWabbit(bed, python)),
  );
  try {
    const jobs = jobsOf(bed, commands);
    const losses = await inParallel(peers, jobs, (peer, { of, dataset }) =>
      peer.losses({ dataset, shuffles: bed.size.shuffles, command: of }),
    );
    return { version: peers[0]?.version ?? '', learners: gathered(bed, commands, jobs, losses) };
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

/** Starts VW. @param core the one processor it may use; without it, all of them */
export function acquireVowpalWabbit(bed: LearnBed, python: string, core?: number): Promise<VowpalWabbitPeer> {
  return bed.context.releases.acquire(
    () => startVowpalWabbit(python, bed, core),
    (started) => started.stop(),
  );
}

interface Job<Learner> {
  of: Learner;
  dataset: string;
}

/** The largest data sets first, so that no process is left alone with one in the end. */
function jobsOf<Learner>({ size }: LearnBed, learners: readonly Learner[]): Job<Learner>[] {
  return size.datasets.toReversed().flatMap((dataset) => learners.map((of) => ({ of, dataset })));
}

function gathered<Learner extends { name: string }>(
  { size }: LearnBed,
  learners: readonly Learner[],
  jobs: readonly Job<Learner>[],
  losses: readonly (readonly number[])[],
): MeasuredLearner[] {
  return learners.map((learner) => {
    const own = new Map<string, readonly number[]>();
    for (const dataset of size.datasets) {
      const index = jobs.findIndex((job) => job.of === learner && job.dataset === dataset);
      own.set(dataset, losses[index] ?? []);
    }
    return { name: learner.name, losses: own };
  });
}
