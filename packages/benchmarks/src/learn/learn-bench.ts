import { join } from 'node:path';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import type { FindingsSheet } from '../report/report.ts';
import { DEFAULT, OTHERS, inWords } from './configurations.ts';
import type { DriftRow } from './drift.ts';
import { type LearnBed, openLearnBed, startLearner } from './learn-bed.ts';
import { FULL, type LearnSize, QUICK } from './learn-size.ts';
import { type Comparison, MEAN, ONE_SET, bestOf, compare } from './losses.ts';
import { type MeasuredLearner, measureCommands, measureConfigurations } from './measure-losses.ts';
import { measureSpeed } from './measure-speed.ts';
import { comparisonSheet, driftSheet, gridSheet, learnersSheet } from './sheets.ts';
import { USUAL } from './vowpalwabbit-commands.ts';
import { type VowpalWabbitPython, vowpalWabbitPython } from './vowpalwabbit-python.ts';
import { type VowpalWabbitResults, committedResults, storedResults } from './vowpalwabbit-results.ts';

const DRIFT_MS = 120_000;

export const learnBench: Bench = {
  name: 'learn',
  summary: 'learning from the reward of the drawn action alone, beside VowpalWabbit on the same shuffles',
  run: (context) => runLearnBench(context, context.quick ? QUICK : FULL),
};

/** @param found a Python with VW, or why there is none; looked for when it is not given */
export async function runLearnBench(
  context: BenchContext,
  size: LearnSize,
  found?: VowpalWabbitPython,
): Promise<BenchResult> {
  const { root, print } = context;
  const cache = join(root, 'node_modules', '.cache', 'rlaas-bench');
  const python = found ?? (await vowpalWabbitPython(cache, print));
  const bed = await openLearnBed(context, size);
  print(
    `RLaaS: ${OTHERS.length + 1} configurations, ${size.datasets.length} data sets, ${size.shuffles} shuffles`,
  );
  const [ours, ...others] = await measureConfigurations(bed, [DEFAULT, ...OTHERS]);
  if (!ours) throw new TypeError('the default configuration was not measured');
  const theirs = await vowpalWabbitResults(bed, python);
  print('speed');
  const figures = await measureSpeed(bed, 'python' in python ? python.python : undefined);
  print('drift');
  const drift = driftSheet(await measureDrift(bed));
  const explorers = learnersSheet('RLaaS, all explorers: share of wrong actions ± standard error', [
    ours,
    ...others,
  ]);
  const notes = [
    `RLaaS default: ${inWords(DEFAULT.configuration)}`,
    'speed: decisions per second on one processor, each with the learning of its reward; VW in process, from Python',
    ...('unreachable' in python ? [`skipped: vowpalwabbit not reachable (${python.unreachable})`] : []),
  ];
  if (!theirs) return { figures, sheets: [explorers, drift], notes };
  const verdict = judge(ours, theirs);
  return {
    figures,
    sheets: [verdict.sheet, explorers, gridSheet(theirs), drift],
    notes: [...verdict.notes, ...notes],
    details: { shuffles: size.shuffles, vowpalwabbit: storedResults(theirs) },
  };
}

/** VW of this run; where it cannot be had, what was committed last. */
async function vowpalWabbitResults(
  bed: LearnBed,
  python: VowpalWabbitPython,
): Promise<VowpalWabbitResults | undefined> {
  const { context, size } = bed;
  if ('unreachable' in python) {
    context.print(`skipped: vowpalwabbit not reachable (${python.unreachable})`);
    const folder = join(context.root, 'packages', 'benchmarks', 'results');
    return committedResults(folder, size.datasets, size.shuffles);
  }
  context.print(`VW: ${USUAL.length + size.grid.length} commands`);
  const { version, learners } = await measureCommands(bed, python.python, [...USUAL, ...size.grid]);
  return { version, usual: learners.slice(0, USUAL.length), tuned: learners.slice(USUAL.length) };
}

function judge(
  ours: MeasuredLearner,
  theirs: VowpalWabbitResults,
): { sheet: FindingsSheet; notes: string[] } {
  const best = bestOf([...theirs.usual, ...theirs.tuned]);
  const comparison = compare(ours.losses, best.losses);
  const when = theirs.committedAt === undefined ? '' : `, of the results committed at ${theirs.committedAt}`;
  return {
    sheet: comparisonSheet(ours, theirs, best, comparison),
    notes: [
      `VW ${theirs.version}${when}: best fixed is ${best.name}, the least mean of ${theirs.usual.length + theirs.tuned.length} commands on these very shuffles`,
      goalLine(comparison),
    ],
  };
}

function goalLine({ mean, worst, isAsGood }: Comparison): string {
  const worse = `${worst.dataset} ${worst.difference.mean.toFixed(4)} ± ${worst.difference.error.toFixed(4)}`;
  return (
    `goal: mean difference to VW's best at most ${MEAN} or one standard error, no set worse by more than ${ONE_SET}. ` +
    `${mean.mean.toFixed(4)} ± ${mean.error.toFixed(4)}, most on ${worse}: ${isAsGood ? 'reached' : 'not reached'}`
  );
}

async function measureDrift(bed: LearnBed): Promise<DriftRow[]> {
  const learner = await startLearner(bed);
  try {
    const { drift: lengths, driftRepetitions: repetitions } = bed.size;
    return (await learner.ask({ kind: 'drift', lengths, repetitions }, DRIFT_MS)) as DriftRow[];
  } finally {
    await learner.stop();
  }
}
