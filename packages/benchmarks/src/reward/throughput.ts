import { setTimeout as sleep } from 'node:timers/promises';
import { BenchFailure } from '../bench-failure.ts';
import type { BenchContext } from '../bench.ts';
import type { BenchDatabase } from '../ingest/bench-database.ts';
import type { ServiceProcess } from '../process/service-process.ts';
import { inTurns } from '../repetitions.ts';
import { type Figure, shown } from '../report/figure.ts';
import {
  EVENTS_PER_DECISION,
  computeReference,
  countDifferences,
  deliverHistory,
  makeReference,
  storeHistory,
} from './history.ts';

export const REWARD_GOAL = 0.5;
const PATIENCE_MS = 600_000;

/** Events turned into rewards, beside one statement that computes the same numbers. */
export async function measureThroughput(
  { print }: Pick<BenchContext, 'print'>,
  database: BenchDatabase,
  start: () => Promise<ServiceProcess>,
  size: { decisions: number; repetitions: number },
): Promise<Figure[]> {
  const { client, tenantId } = database;
  const events = size.decisions * EVENTS_PER_DECISION;
  await makeReference(client);
  const pairs = await inTurns(size.repetitions, {
    prepare: async () => {
      print(`storing ${size.decisions} decisions with ${events} events`);
      await storeHistory(client, tenantId, size.decisions);
    },
    measure: async () => {
      const service = await start();
      try {
        const startedAt = performance.now();
        await deliverHistory(client, tenantId);
        await untilClosed(database, size.decisions);
        return (events * 1_000) / (performance.now() - startedAt);
      } finally {
        await service.stop();
      }
    },
    refer: async () => {
      const startedAt = performance.now();
      await computeReference(client);
      return (events * 1_000) / (performance.now() - startedAt);
    },
    done({ measured, reference }, repetition) {
      print(
        `${repetition} of ${size.repetitions}: rewards ${shown(measured, 'per_second')}, ` +
          `SQL ${shown(reference, 'per_second')}, ratio ${(measured / reference).toFixed(2)}`,
      );
    },
  });
  const differing = await countDifferences(client);
  if (differing !== 0) throw new BenchFailure(`${differing} rewards differ from those of the reference`);
  return [
    {
      name: `events into ${size.decisions} rewards`,
      unit: 'per_second',
      measured: pairs.map(({ measured }) => measured),
      reference: { name: 'one SQL statement', measured: pairs.map(({ reference }) => reference) },
      goal: REWARD_GOAL,
    },
  ];
}

async function untilClosed({ client }: BenchDatabase, decisions: number): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ;) {
    // Cheap while it is not over: a count of hundreds of thousands would slow down what is measured.
    const waiting = await client.query('select from rlaas.batch_deliveries limit 1');
    if (waiting.rowCount === 0) {
      const { rows } = await client.query<{ n: number }>(
        `select count(*)::int as n from rlaas.rewards where status <> 'pending'`,
      );
      if (rows[0]?.n === decisions) return;
    }
    if (performance.now() > end) throw new BenchFailure('rewards were not closed in time');
    await sleep(20);
  }
}
