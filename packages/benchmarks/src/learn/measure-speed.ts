import { inTurns } from '../repetitions.ts';
import type { Figure } from '../report/figure.ts';
import { DEFAULT } from './configurations.ts';
import { type LearnBed, type LearnerWorker, startLearner } from './learn-bed.ts';
import type { PassTime } from './learner-job.ts';
import { acquireVowpalWabbit } from './measure-losses.ts';
import { TIMED } from './vowpalwabbit-commands.ts';
import type { VowpalWabbitPeer, VowpalWabbitTime } from './vowpalwabbit-peer.ts';

/** Both learners get the same processor, one after the other. */
const CORE = 0;
const ANSWER_MS = 60_000;

/**
 * Decisions per second, each with the learning of its reward: from what an application sends, and of features that
 * were read already.
 * @param python with VW; without it RLaaS alone is timed
 */
export async function measureSpeed(bed: LearnBed, python: string | undefined): Promise<Figure[]> {
  const learner = await startLearner(bed, CORE);
  const peer = python === undefined ? undefined : await acquireVowpalWabbit(bed, python, CORE);
  try {
    const figures: Figure[] = [];
    for (const dataset of bed.size.timed) figures.push(...(await speedOn(bed, dataset, learner, peer)));
    return figures;
  } finally {
    await learner.stop();
    await peer?.stop();
  }
}

async function speedOn(
  bed: LearnBed,
  dataset: string,
  learner: LearnerWorker,
  peer: VowpalWabbitPeer | undefined,
): Promise<Figure[]> {
  const shuffles = bed.shuffles.get(dataset) ?? [];
  const rows = shuffles[0]?.length ?? 0;
  const ours = (): Promise<PassTime> => timeOurs(bed, dataset, learner);
  const theirs = async (): Promise<VowpalWabbitTime | undefined> =>
    (await peer?.times({ dataset, shuffles: 1, command: TIMED }))?.[0];
  // What is compiled while it runs is compiled now.
  await ours();
  await theirs();
  const pairs = await inTurns(bed.size.repetitions, {
    prepare: async () => undefined,
    measure: ours,
    refer: theirs,
    done: () => undefined,
  });
  const figure = (name: string, measured: number[], reference: string, of: number[]): Figure => ({
    name: `${dataset}, ${name}`,
    unit: 'per_second',
    measured,
    ...(peer && { reference: { name: reference, measured: of } }),
  });
  const their = pairs.map(
    ({ reference }) => reference ?? { parsingSeconds: Number.NaN, workSeconds: Number.NaN },
  );
  return [
    figure(
      'from JSON values',
      pairs.map(({ measured }) => rows / measured.wholeSeconds),
      'VW, from text',
      their.map(({ parsingSeconds, workSeconds }) => rows / (parsingSeconds + workSeconds)),
    ),
    figure(
      'features read before',
      pairs.map(({ measured }) => rows / measured.workSeconds),
      'VW, parsed before',
      their.map(({ workSeconds }) => rows / workSeconds),
    ),
  ];
}

async function timeOurs(bed: LearnBed, dataset: string, learner: LearnerWorker): Promise<PassTime> {
  const shuffles = bed.shuffles.get(dataset)?.slice(0, 1) ?? [];
  const { data } = bed;
  const job = { kind: 'times' as const, data, dataset, shuffles, configuration: DEFAULT.configuration };
  const [time] = (await learner.ask(job, ANSWER_MS)) as PassTime[];
  if (!time) throw new TypeError('a pass was asked for and none was timed');
  return time;
}
