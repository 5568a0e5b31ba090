import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { openBenchDatabase } from '../ingest/bench-database.ts';
import { startCollector } from '../ingest/collector-process.ts';
import { ratiosOf } from '../report/figure.ts';
import { median } from '../statistics.ts';
import { measureEarly } from './early-rewards.ts';
import { startReward } from './reward-process.ts';
import { REWARD_GOAL, measureThroughput } from './throughput.ts';

/** How much is measured. */
interface RewardSize {
  decisions: number;
  repetitions: number;
  early: number;
}

const FULL: RewardSize = { decisions: 200_000, repetitions: 5, early: 200 };
const QUICK: RewardSize = { decisions: 20_000, repetitions: 2, early: 40 };

export const rewardBench: Bench = {
  name: 'reward',
  summary: 'events into rewards, beside one SQL statement; how soon a complete reward is shown',
  run: (context) => runRewardBench(context, context.quick ? QUICK : FULL),
};

export async function runRewardBench(context: BenchContext, size: RewardSize): Promise<BenchResult> {
  const { releases, print, root } = context;
  print('starting Postgres');
  const database = await openBenchDatabase(releases, context.folder);
  const start = () => startReward({ root, databaseUrl: database.appUrl });
  const throughput = await measureThroughput({ print }, database, start, size);
  print(`measuring ${size.early} provisional rewards`);
  const collector = await releases.acquire(
    () => startCollector({ root, databaseUrl: database.appUrl }),
    (started) => started.stop(),
  );
  const reward = await releases.acquire(start, (started) => started.stop());
  const early = await measureEarly(database, collector, size.early);
  const ratio = median((throughput[0] && ratiosOf(throughput[0])) ?? []);
  return {
    postgres: database.version,
    figures: [...throughput, ...early.figures],
    notes: [
      `rewards: goal ${REWARD_GOAL.toFixed(2)} of the SQL statement; ${ratio.toFixed(2)}: ${ratio >= REWARD_GOAL ? 'reached' : 'not reached'}`,
      'SQL: one statement, by several processes of Postgres, into a table with a primary key; no deliveries, statuses, components or reasons',
      'each reward equals that of the SQL statement (to 1e-9)',
      ...reward.log().map((line) => `reward | ${line}`),
    ],
  };
}
