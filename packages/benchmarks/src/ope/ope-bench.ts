import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { BenchFailure } from '../bench-failure.ts';
import { drawn, randomOf } from '../gates/random.ts';
import { pinned } from '../process/pinned.ts';
import { startWorker } from '../process/worker.ts';
import { inTurns } from '../repetitions.ts';
import type { Figure } from '../report/figure.ts';
import { OBP_VERSION, openBanditPython } from './open-bandit-python.ts';
import type { OpeAnswer, OpeJob } from './ope-job.ts';

const ACTIONS = 10;
const JOB_MS = 300_000;
/** Both sides get one processor. */
const CORE = 0;
/** Estimators of both must agree to so much, but for those that are tuned, by rules that differ a little. */
const SAME = 1e-9;
const COMPARED = ['ips', 'snips', 'dm', 'dr', 'sndr'];

export const opeBench: Bench = {
  name: 'ope',
  summary: 'off-policy evaluation of a million decisions, beside Open Bandit Pipeline',
  run: (context) =>
    runOpeBench(
      context,
      context.quick ? { rows: 50_000, repetitions: 2 } : { rows: 1_000_000, repetitions: 5 },
    ),
};

async function runOpeBench(
  context: BenchContext,
  { rows, repetitions }: { rows: number; repetitions: number },
): Promise<BenchResult> {
  const { root, folder, print } = context;
  const cache = join(root, 'node_modules', '.cache', 'rlaas-bench');
  const found = await openBanditPython(cache, print);
  await writeArrays(folder, rows);
  const job: OpeJob = { folder, rows, actions: ACTIONS };
  const own = () => measureOwn(context, job);
  if ('unreachable' in found) {
    print(`skipped: obp not reachable (${found.unreachable})`);
    const { seconds, peak } = await own();
    return {
      figures: [figureOf('values and intervals', [seconds]), memoryOf([peak])],
      notes: [`skipped: obp not reachable (${found.unreachable})`],
    };
  }
  const { python } = found;
  const results: Record<'values' | 'intervals', { measured: OpeAnswer; reference: OpeAnswer }[]> = {
    values: [],
    intervals: [],
  };
  for (const wanted of ['values', 'intervals'] as const) {
    results[wanted] = await inTurns(wanted === 'values' ? repetitions : Math.min(repetitions, 2), {
      prepare: () => Promise.resolve(undefined),
      measure: own,
      refer: () => measureOpenBandit(python, job, wanted),
      done: ({ measured, reference }, repetition) =>
        print(
          `${wanted} ${repetition}: ${measured.seconds.toFixed(2)} s, Open Bandit Pipeline ${reference.seconds.toFixed(2)} s`,
        ),
    });
  }
  const [first] = results.values;
  const different = COMPARED.filter(
    (name) => Math.abs((first?.measured.values[name] ?? 0) - (first?.reference.values[name] ?? 1)) > SAME,
  );
  if (different.length > 0) throw new BenchFailure(`estimates differ: ${different.join(', ')}`);
  const seconds = (pairs: typeof results.values, side: 'measured' | 'reference'): number[] =>
    pairs.map((pair) => rows / pair[side].seconds);
  const figure = (name: string, pairs: typeof results.values, goal?: number): Figure => ({
    ...figureOf(name, seconds(pairs, 'measured')),
    reference: { name: `obp ${OBP_VERSION}`, measured: seconds(pairs, 'reference') },
    ...(goal !== undefined && { goal }),
  });
  return {
    figures: [
      figure('7 estimators with intervals: decisions', results.intervals, 5),
      figure('7 estimators, values alone in obp', results.values),
      {
        ...memoryOf(results.values.map(({ measured }) => measured.peak)),
        reference: {
          name: `obp ${OBP_VERSION}`,
          measured: results.values.map(({ reference }) => reference.peak),
        },
      },
    ],
    notes: [
      `${rows.toLocaleString('en-US')} decisions × ${ACTIONS} actions, one processor each; reading the arrays is not counted.`,
      'RLaaS always gives standard errors and intervals; Open Bandit Pipeline makes intervals by 100 bootstrap samples (its default). Both choose the limit of Switch-DR among 10 and the shrinkage of DRos among 8.',
      `IPS, SNIPS, DM, DR and SNDR of both agree to ${SAME}.`,
      'goal: 5 × faster with intervals',
    ],
    details: { values: first?.measured.values, reference: first?.reference.values },
  };
}

function figureOf(name: string, measured: number[]): Figure {
  return { name, unit: 'per_second', measured };
}

function memoryOf(measured: number[]): Figure {
  return { name: 'memory, peak', unit: 'bytes', measured };
}

async function measureOwn({ releases }: BenchContext, job: OpeJob): Promise<OpeAnswer> {
  const worker = await releases.acquire(
    () => Promise.resolve(startWorker<OpeJob, OpeAnswer>(new URL('./ope-process.ts', import.meta.url), CORE)),
    (made) => made.stop(),
  );
  try {
    return await worker.ask(job, JOB_MS);
  } finally {
    await worker.stop();
  }
}

async function measureOpenBandit(
  python: string,
  { folder, rows, actions }: OpeJob,
  wanted: 'values' | 'intervals',
): Promise<OpeAnswer> {
  const script = new URL('./open-bandit-peer.py', import.meta.url).pathname;
  const [command, ...args] = pinned([python, script, folder, String(rows), String(actions), wanted], CORE);
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const { stdout } = await promisify(execFile)(command, args, { timeout: JOB_MS, env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as OpeAnswer;
}

/** Decisions of a made-up log: propensities, targets and a reward model that differ from row to row. */
async function writeArrays(folder: string, rows: number): Promise<void> {
  const random = randomOf(20_261_123);
  const distribution = (into: Float64Array, from: number, floor: number): number[] => {
    const raw = Array.from({ length: ACTIONS }, () => random() + floor);
    const sum = raw.reduce((total, one) => total + one, 0);
    const shares = raw.map((one) => one / sum);
    into.set(shares, from);
    return shares;
  };
  const [reward, chosen, propensity] = [
    new Float64Array(rows),
    new Float64Array(rows),
    new Float64Array(rows),
  ];
  const [target, expected] = [new Float64Array(rows * ACTIONS), new Float64Array(rows * ACTIONS)];
  const scratch = new Float64Array(ACTIONS);
  for (let row = 0; row < rows; row += 1) {
    const logging = distribution(scratch, 0, 0.02);
    distribution(target, row * ACTIONS, 0.05);
    for (let action = 0; action < ACTIONS; action += 1) expected[row * ACTIONS + action] = random();
    const action = drawn(logging, random);
    chosen[row] = action;
    propensity[row] = logging[action] ?? 0;
    reward[row] = random() < 0.1 + 0.05 * action ? 1 : 0;
  }
  for (const [name, array] of Object.entries({ reward, chosen, propensity, target, expected })) {
    await writeFile(join(folder, `${name}.f64`), new Uint8Array(array.buffer));
  }
}
