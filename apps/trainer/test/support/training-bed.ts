import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, newId } from '@rlaas/database';
import { type PolicyState, decodeState } from '@rlaas/learning';
import { type ObjectStore, createObjectStore } from '@rlaas/object-store';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll } from 'vitest';
import type { TrainingObserver } from '../../src/training/training-observer.ts';
import { createCounts } from './training-counts.ts';
import { type TrainingWorker, createTrainingWorker } from '../../src/training/training-worker.ts';

export const TENANT = '0190a000-0000-7000-8000-000000000001';

/** A database and a folder of a test file with trainers on them, at a time that the test moves. */
export async function startTraining(policy: string) {
  const db = await createTestDatabase({ seeded: true });
  const database = createDatabase({
    url: db.url,
    poolMax: 6,
    applicationName: 'training',
    onIdleError: () => undefined,
  });
  const root = mkdtempSync(join(tmpdir(), 'rlaas-objects-'));
  const store = createObjectStore({ kind: 'directory', root });
  afterAll(async () => {
    await database.close();
    rmSync(root, { recursive: true });
  });
  const clock = { now: Date.now() };
  const failures: unknown[] = [];
  // What the example tenant has from its seed is not what this is about.
  await db.sql("update rlaas.policy_versions set status = 'retired'");
  await db.sql(
    `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, $2, '{}', 'api')`,
    [TENANT, policy],
  );
  const [batch] = await db.sql<{ id: string }>(
    'insert into rlaas.ingest_batches (received_at, rows) values (now(), 0) returning id',
  );

  const insertVersion = async (name: string, configuration: object, status = 'shadow'): Promise<void> => {
    await db.sql(
      `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
       values ($1, $2, $3, $4, $5, 'api')`,
      [TENANT, policy, name, status, configuration],
    );
  };

  /** Trainers with the same holder are one that was not away; by default it is another one. */
  const createWorker = (
    options: { holder?: string; observe?: TrainingObserver; store?: ObjectStore } = {},
  ): TrainingWorker =>
    createTrainingWorker({
      holder: options.holder ?? randomUUID(),
      database,
      store: options.store ?? store,
      now: () => clock.now,
      observe: options.observe ?? createCounts().observe,
      onCheckpoint: () => undefined,
      onFailure: (_, error) => failures.push(error),
    });

  const dataOf = (i: number): object => ({
    context: { x: Math.sin(i), side: i % 3 ? 'left' : 'right' },
    actions: [{ id: 'a' }, { id: 'b' }],
    probabilities: [0.3, 0.7],
    chosen: i % 2,
    propensity: i % 2 ? 0.7 : 0.3,
    policy_version: null,
    checkpoint: null,
    mode: 'shadow_only',
  });

  /** A decision without a reward. @returns its id */
  const insertDecision = async (i: number, id = newId(clock.now)): Promise<string> => {
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data, fingerprint, batch_id, ordinal)
       values ($1, $2, 'decision', 1, now(), now(), $3, $2, 'gateway', $4, '00112233445566778899aabbccddeeff', $5, 1)`,
      [TENANT, id, policy, dataOf(i), batch?.id],
    );
    return id;
  };

  /** @param deadline milliseconds since 1970 */
  const insertReward = async (
    id: string,
    reward: { status: string; value: number | null; deadline: number },
  ): Promise<void> => {
    await db.sql(
      `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline,
                                  closed_at)
       values ($1, $2, 1, $3, $4, $5, now(), $6, case when $4 <> 'pending' then $7::timestamptz end)`,
      [TENANT, id, policy, reward.status, reward.value, new Date(reward.deadline), new Date(clock.now)],
    );
  };

  /** Many decisions with their final rewards at once, in the order of their deadlines. */
  const insertFinal = async (
    decisions: readonly { id: string; value: number; data: object }[],
  ): Promise<void> => {
    await db.sql(
      `with inserted as (
         insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data, fingerprint, batch_id, ordinal)
         select $1, id, 'decision', 1, now(), now(), $2, id, 'gateway', data, '00112233445566778899aabbccddeeff', $3, n
         from unnest($4::uuid[], $5::jsonb[]) with ordinality as d (id, data, n)
       )
       insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline,
                                  closed_at)
       select $1, id, 1, $2, 'final', value, now(), $7::timestamptz + make_interval(secs => n / 1000.0), $7
       from unnest($4::uuid[], $6::float8[]) with ordinality as r (id, value, n)`,
      [
        TENANT,
        policy,
        batch?.id,
        decisions.map(({ id }) => id),
        decisions.map(({ data }) => JSON.stringify(data)),
        decisions.map(({ value }) => value),
        new Date(clock.now),
      ],
    );
  };

  /** Rewards that are final, in no order of their keys. */
  const makeRewards = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      const id = await insertDecision(i, newId(clock.now + ((i * 7) % count)));
      await insertReward(id, { status: 'final', value: Math.cos(i), deadline: clock.now + i });
    }
  };

  const bytesOf = async (key: string, from: ObjectStore = store): Promise<Buffer> => {
    const object = await from.get(key);
    const chunks: Buffer[] = [];
    for await (const chunk of object?.body ?? []) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };

  const newestState = async (
    version: string,
    configuration: object,
    from?: ObjectStore,
  ): Promise<{ position: number; state: PolicyState }> => {
    const [row] = await db.sql<{ object_key: string; resume_key: string; position: string }>(
      'select object_key, resume_key, position from rlaas.checkpoints where version = $1 order by number desc limit 1',
      [version],
    );
    const files = [
      await bytesOf(row?.object_key ?? '', from),
      await bytesOf(row?.resume_key ?? '', from),
    ] as const;
    const { state } = decodeState(...files, versionConfigurationSchema.parse(configuration));
    return { position: Number(row?.position), state };
  };

  return {
    db,
    database,
    store,
    root,
    clock,
    failures,
    insertVersion,
    createWorker,
    dataOf,
    insertDecision,
    insertReward,
    insertFinal,
    makeRewards,
    bytesOf,
    newestState,
  };
}

/** Learns until nothing is left, and lets a checkpoint be due. */
export async function drain(worker: TrainingWorker, clock: { now: number }): Promise<void> {
  while (await worker.round());
  clock.now += 2_000;
  await worker.round();
}
