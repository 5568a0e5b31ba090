import { availableParallelism } from 'node:os';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { BenchFailure } from '../bench-failure.ts';
import { inParallel } from '../process/in-parallel.ts';
import { startWorker, type Worker } from '../process/worker.ts';
import type { FindingsSheet } from '../report/report.ts';
import type { GatesAnswer, GatesJob } from './gates-job.ts';
import { MUTANTS } from './mutants.ts';
import { NULLS, POWERS } from './scenarios.ts';
import { quantile } from './simulate.ts';

interface GatesSize {
  nulls: number;
  mutants: number;
  powers: number;
  /** More false ones fail: the mean is at most 5 % of the runs, and this is three deviations above it. */
  most: number;
}

const FULL: GatesSize = { nulls: 2_000, mutants: 400, powers: 400, most: 130 };
const QUICK: GatesSize = { nulls: 200, mutants: 60, powers: 40, most: 20 };
/** A mutant that is wrong less often than a right gate may be is not caught. */
const CAUGHT = 0.08;
const CHUNK = 50;
const JOB_MS = 600_000;

export const gatesBench: Bench = {
  name: 'gates',
  summary: 'false promotions, wrong gates that must be caught, and decisions to a verdict, simulated',
  run: (context) => runGatesBench(context, context.quick ? QUICK : FULL),
};

async function runGatesBench(context: BenchContext, size: GatesSize): Promise<BenchResult> {
  const { releases, print } = context;
  const module = new URL('./gates-process.ts', import.meta.url);
  const workers = await Promise.all(
    Array.from({ length: Math.min(availableParallelism(), 8) }, () =>
      releases.acquire(
        () => Promise.resolve(startWorker<GatesJob, GatesAnswer>(module)),
        (worker) => worker.stop(),
      ),
    ),
  );
  const of = (kind: GatesJob['kind'], names: readonly { name: string }[], runs: number) =>
    measure(workers, kind, names, runs, print);
  const nulls = await of('null', NULLS, size.nulls);
  const mutants = await of('mutant', MUTANTS, size.mutants);
  const powers = await of('power', POWERS, size.powers);
  const failures = [
    ...NULLS.flatMap(({ name }, index) => {
      const wrong = fired(nulls[index] ?? []);
      return wrong > size.most
        ? [`${name}: ${wrong} of ${size.nulls} runs were wrong, at most ${size.most} may be`]
        : [];
    }),
    ...MUTANTS.flatMap(({ name }, index) => {
      const wrong = fired(mutants[index] ?? []) / size.mutants;
      return wrong < CAUGHT
        ? [`the mutant "${name}" is wrong in ${percent(wrong)} only: it was not caught`]
        : [];
    }),
  ];
  if (failures.length > 0) throw new BenchFailure(failures.join('\n'));
  return {
    figures: [],
    sheets: [nullSheet(nulls, size), mutantSheet(mutants, size), powerSheet(powers)],
    notes: [
      'Units are decisions or episodes. A run that never fired counts as infinite. α is 5 %.',
      'Expected medians are of another simulation, in part by bets that are lowered where a unit can lose much. Where versions are alike in 80 % of contexts that promotes falsely (see the last mutant), so the figures without it are larger.',
    ],
    details: {
      nulls: nulls.map(fired),
      mutants: mutants.map(fired),
      medians: powers.map((one) => quantile(one, 0.5)),
    },
  };
}

async function measure(
  workers: readonly Worker<GatesJob, GatesAnswer>[],
  kind: GatesJob['kind'],
  names: readonly { name: string }[],
  runs: number,
  print: (line: string) => void,
): Promise<number[][]> {
  const jobs = names.flatMap((_, index) =>
    Array.from({ length: Math.ceil(runs / CHUNK) }, (__, chunk): GatesJob => ({
      kind,
      index,
      from: chunk * CHUNK + 1,
      runs: Math.min(CHUNK, runs - chunk * CHUNK),
    })),
  );
  let done = 0;
  const answers = await inParallel(workers, jobs, async (worker, job) => {
    const answer = await worker.ask(job, JOB_MS);
    done += 1;
    if (done % Math.ceil(jobs.length / 10) === 0)
      print(`${kind}: ${Math.round((done / jobs.length) * 100)} %`);
    return answer;
  });
  return names.map((_, index) =>
    jobs.flatMap((job, place) => (job.index === index ? (answers[place] ?? []) : [])),
  );
}

function nullSheet(results: readonly number[][], size: GatesSize): FindingsSheet {
  return {
    title: `False promotions in ${size.nulls} runs, a look after every unit; at most ${size.most} may be`,
    columns: [left('world'), left('test'), right('units'), right('wrong'), right('share')],
    rows: NULLS.map(({ name, watched, units }, index) => {
      const wrong = fired(results[index] ?? []);
      return [name, watched, String(units), String(wrong), percent(wrong / size.nulls)];
    }),
  };
}

function mutantSheet(results: readonly number[][], size: GatesSize): FindingsSheet {
  return {
    title: 'Wrong ways to test, each in a world in which it shows: how often it was wrong',
    columns: [left('way'), right('wrong'), right('share')],
    rows: MUTANTS.map(({ name }, index) => {
      const wrong = fired(results[index] ?? []);
      return [name, String(wrong), percent(wrong / size.mutants)];
    }),
  };
}

function powerSheet(results: readonly number[][]): FindingsSheet {
  return {
    title: 'Units until a verdict, beside what was expected; limit: the best single bet that knows the lift',
    columns: [
      left('what'),
      right('median'),
      right('90 %'),
      right('expected'),
      right('ratio'),
      right('limit'),
      right('fired'),
    ],
    rows: POWERS.map(({ name, expected, limit, from = 0 }, index) => {
      const all = (results[index] ?? []).map((unit) => unit - from);
      const median = quantile(all, 0.5);
      return [
        name,
        shown(median),
        shown(quantile(all, 0.9)),
        shown(expected),
        (median / expected).toFixed(2),
        limit === undefined ? '' : shown(limit),
        percent(fired(all) / all.length),
      ];
    }),
  };
}

const left = (title: string) => ({ title, align: 'left' as const });
const right = (title: string) => ({ title, align: 'right' as const });

function fired(runs: readonly number[]): number {
  return runs.filter((unit) => Number.isFinite(unit)).length;
}

function shown(units: number): string {
  return Number.isFinite(units) ? units.toLocaleString('en-US') : '∞';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
