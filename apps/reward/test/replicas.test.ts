import { afterAll, expect, test } from 'vitest';
import { assessDecisions } from '../src/assessments/assess-decisions.ts';
import { useDefinition } from '../src/specifications/specification-cache.ts';
import { findLastDecisions } from '../src/store/decisions.ts';
import { TENANT } from './support/event-store.ts';
import { definition, makeHistory, randomOf, shuffled } from './support/history.ts';
import { type Replica, startReplica } from './support/replica.ts';
import { startRewarding } from './support/rewarding.ts';

const POLICY = 'support-draft';
const ROUNDS = 10;
const DECISIONS = 60;
const own = { ...definition, window: { ...definition.window, after: '3s', grace: '1s' } };
const { db, database, clock, store, specify, rewards } = await startRewarding(POLICY);
await specify(own);
const replicas: Replica[] = [];
afterAll(() => Promise.all(replicas.map((replica) => replica.kill())));

/** Waits for the database to be as it should be. */
async function until(what: string, query: string): Promise<void> {
  for (const end = Date.now() + 60_000; ;) {
    const [row] = await db.sql<{ n: number }>(query);
    if (row?.n === 0) return;
    if (Date.now() > end) throw new Error(`${what}: ${row?.n} after a minute`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function settleTo(time: Date | 'infinity'): Promise<void> {
  await db.sql(
    `insert into rlaas.collector_heartbeats (replica, beat_at, settled_to) values ($1, 'infinity', $2)
     on conflict (replica) do update set settled_to = excluded.settled_to`,
    [TENANT, time],
  );
}

test('two replicas, one of which is killed again and again, make each reward once, as it is computed from scratch', async () => {
  const random = randomOf(Date.now());
  replicas.push(await startReplica(db.url), await startReplica(db.url));
  let decisions = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    clock.now = Date.now();
    // As a collector says it that still writes what it received now.
    await settleTo(new Date(clock.now));
    // Events happen around now: some before their decision came, some after its reward has closed.
    const events = shuffled(makeHistory(random, clock.now - 3_000, DECISIONS), random);
    decisions += DECISIONS;
    const victim = round % 2;
    // In the middle of the work, wherever that is.
    const killed = new Promise((resolve) => setTimeout(resolve, random() * 300)).then(() =>
      replicas[victim]?.kill(),
    );
    for (let from = 0; from < events.length; from += 40) await store(...events.slice(from, from + 40));
    await killed;
    replicas[victim] = await startReplica(db.url);
  }
  await settleTo('infinity');
  await until('deliveries', 'select count(*)::int as n from rlaas.batch_deliveries');
  await until('rewards that wait', `select count(*)::int as n from rlaas.rewards where status = 'pending'`);

  const stored = await rewards();
  expect(stored).toHaveLength(decisions);
  expect(new Set(stored.map((row) => row.decision_id)).size).toBe(decisions);
  const scratch = await database.transaction(
    { role: 'rlaas_worker', tenants: [TENANT], readOnly: true },
    async (tx) =>
      assessDecisions(
        tx,
        await findLastDecisions(tx, TENANT, POLICY, 10_000),
        useDefinition(own),
        Date.now(),
      ),
  );
  const made = new Map(
    scratch.map(({ row, status, reason, value, components, deadline }) => [
      row.id,
      JSON.stringify({ status, reason, value, components, deadline }),
    ]),
  );
  for (const { decision_id: id, status, reason, value, components, deadline } of stored) {
    // jsonb keeps its members in another order.
    const again = JSON.parse(made.get(id) ?? 'null') as object;
    expect({ id, status, reason, value, components, deadline: Number(deadline) }).toEqual({ id, ...again });
  }
  const statuses = new Set(stored.map(({ status }) => status));
  expect(statuses).toEqual(new Set(['final', 'defaulted', 'inactive']));
}, 180_000);
