import { createDatabase } from '@rlaas/database';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll } from 'vitest';
import { type RewardWorker, createRewardWorker } from '../../src/rewards/reward-worker.ts';
import type { RewardObserver } from '../../src/rewards/worker-context.ts';
import { TENANT, createEventStore } from './event-store.ts';

/** A reward as it is stored. */
export interface RewardRow {
  decision_id: string;
  spec_version: number;
  status: string;
  reason: string | null;
  value: number | null;
  provisional_value: number | null;
  deadline: Date | number;
  components: {
    inputs: Record<string, { value: unknown; events: string[] }>;
    ignored: { id: string; reason: string }[];
    by: string;
    credit?: object;
    error?: { kind: string; where: string; line: number };
    superseded_by?: string;
  } | null;
  recomputed: boolean;
}

/** A database of a test file with workers on it, at a time that the test moves. */
export async function startRewarding(policy: string) {
  const db = await createTestDatabase({ seeded: true });
  const database = createDatabase({
    url: db.url,
    poolMax: 8,
    applicationName: 'reward',
    onIdleError: () => undefined,
  });
  afterAll(() => database.close());
  // What the example tenant has from its seed is not what this is about.
  await db.sql('delete from rlaas.batch_deliveries');
  await db.sql('delete from rlaas.reward_specs');
  const clock = { now: Date.now() };
  const now = (): number => clock.now;
  const told = { closed: 0, late: 0, provisional: 0, pushed: 0 };
  const observe: RewardObserver = {
    closed: () => (told.closed += 1),
    late: (events) => (told.late += events),
    provisional: (rewards) => (told.provisional += rewards),
    pushed: (rewards) => (told.pushed += rewards),
  };
  const createWorker = (): RewardWorker => createRewardWorker({ database, observe, now });
  const drain = async (round: () => Promise<number>): Promise<void> => {
    while ((await round()) > 0);
  };
  return {
    db,
    database,
    clock,
    told,
    createWorker,
    drain,
    store: createEventStore(db, now, policy),
    /** Stores a version of a specification, made long ago so that it is the one of what comes. */
    specify: (definition: object, version = 1, createdAt = new Date(0)) =>
      db.sql(
        `insert into rlaas.reward_specs (tenant_id, policy, version, definition, created_at) values ($1, $2, $3, $4, $5)`,
        [TENANT, policy, version, definition, createdAt],
      ),
    /** Takes all that was delivered, and closes all whose time has come. */
    settle: async (worker: RewardWorker): Promise<void> => {
      for (const round of [worker.open, worker.release, worker.close, worker.closeEpisodes])
        await drain(round);
    },
    rewards: (decisionId?: string) =>
      db.sql<RewardRow>(
        `select decision_id, spec_version, status, reason, value, provisional_value, deadline, components, recomputed
         from rlaas.rewards where $1::uuid is null or decision_id = $1 order by decision_id, spec_version`,
        [decisionId ?? null],
      ),
  };
}
