import { randomUUID } from 'node:crypto';
import { createCounts } from './training-counts.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, newId } from '@rlaas/database';
import { type PolicyState, decodeState } from '@rlaas/learning';
import { createObjectStore } from '@rlaas/object-store';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import { createTrainingWorker } from '../../src/training/training-worker.ts';

export const TENANT = '0190a000-0000-7000-8000-000000000001';
/** Decisions are made from then on, one each second. */
export const BEGIN = Date.now() - 3_600_000;

export interface DecisionOptions {
  /** Default `final`. */
  status?: 'final' | 'pending';
  data?: object;
  importId?: string;
}

/** A policy `p` with what is needed to learn for it. */
export async function startTrainingWorld() {
  const db = await createTestDatabase({ seeded: true });
  const database = createDatabase({
    url: db.url,
    poolMax: 6,
    applicationName: 'training runs',
    onIdleError: () => undefined,
  });
  const root = mkdtempSync(join(tmpdir(), 'rlaas-objects-'));
  const store = createObjectStore({ kind: 'directory', root });
  const clock = { now: Date.now() };
  await db.sql(
    `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, 'p', '{}', 'api')`,
    [TENANT],
  );
  const [batch] = await db.sql<{ id: string }>(
    'insert into rlaas.ingest_batches (received_at, rows) values (now(), 0) returning id',
  );
  let made = 0;

  /** Decisions with rewards whose deadlines are in another order than the decisions. */
  async function makeDecisions(count: number, options: DecisionOptions = {}): Promise<string[]> {
    const rows = Array.from({ length: count }, (_, index) => {
      const i = made + index;
      return {
        id: newId(BEGIN + i * 1_000),
        at: new Date(BEGIN + i * 1_000),
        deadline: new Date(BEGIN + 7_200_000 + ((i * 7) % 101) * 1_000),
        value: Math.cos(i),
        data: {
          context: { x: Math.sin(i), side: i % 3 === 0 ? 'left' : 'right' },
          actions: [{ id: 'a' }, { id: 'b' }, { id: 'c' }],
          probabilities: [0.3, 0.5, 0.2],
          chosen: i % 2,
          propensity: i % 2 ? 0.5 : 0.3,
          policy_version: null,
          checkpoint: null,
          mode: 'shadow_only',
          ...(i % 5 === 0 && { excluded: ['c'] }),
          ...options.data,
        },
      };
    });
    made += count;
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id,
                                 source, data, fingerprint, batch_id, ordinal, import_id)
       select $1, d.id, 'decision', 1, d.at, d.at, 'p', d.id, 'gateway', d.data, '00112233445566778899aabbccddeeff',
              $2, row_number() over (), $3
       from jsonb_to_recordset($4) as d (id uuid, at timestamptz, data jsonb)`,
      [TENANT, batch?.id, options.importId ?? null, JSON.stringify(rows)],
    );
    const status = options.status ?? 'final';
    await db.sql(
      `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline)
       select $1, d.id, 1, 'p', $2, case when $2 = 'final' then d.value end, d.at, d.deadline
       from jsonb_to_recordset($3) as d (id uuid, at timestamptz, deadline timestamptz, value double precision)`,
      [TENANT, status, JSON.stringify(rows)],
    );
    // As the server does by itself after a while.
    await db.sql('analyze rlaas.events, rlaas.rewards');
    return rows.map(({ id }) => id);
  }

  async function makeVersion(
    name: string,
    configuration: object,
    status: 'draft' | 'shadow' = 'draft',
  ): Promise<void> {
    await db.sql(
      `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
       values ($1, 'p', $2, $3, $4, 'api')`,
      [TENANT, name, status, configuration],
    );
  }

  async function bytesOf(key: string): Promise<Buffer> {
    const object = await store.get(key);
    if (!object) throw new Error(`there is no object ${key}`);
    const chunks: Buffer[] = [];
    for await (const chunk of object.body) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  return {
    db,
    database,
    root,
    store,
    clock,
    makeDecisions,
    makeVersion,
    /** The period that holds the decisions so far and no more than these. */
    period: () => ({
      from: new Date(BEGIN).toISOString(),
      to: new Date(BEGIN + made * 1_000).toISOString(),
    }),
    /** What the newest checkpoint of a version holds. */
    stateOf: async (version: string): Promise<{ number: number; position: number; state: PolicyState }> => {
      const [row] = await db.sql<{
        number: number;
        position: string;
        object_key: string;
        resume_key: string;
        configuration: unknown;
      }>(
        `select c.number, c.position, c.object_key, c.resume_key, v.configuration
         from rlaas.checkpoints c join rlaas.policy_versions v on v.policy = c.policy and v.name = c.version
         where c.version = $1 order by number desc limit 1`,
        [version],
      );
      if (!row) throw new Error(`version ${version} has no checkpoint`);
      const files = [await bytesOf(row.object_key), await bytesOf(row.resume_key)] as const;
      const { state } = decodeState(...files, versionConfigurationSchema.parse(row.configuration));
      return { number: row.number, position: Number(row.position), state };
    },
    /** The training log of a version. */
    logOf: async (version: string): Promise<string[]> => {
      const rows = await db.sql<{ decision_id: string }>(
        'select decision_id from rlaas.training_log where version = $1 order by position',
        [version],
      );
      return rows.map(({ decision_id: id }) => id);
    },
    /** Lets the versions that learn by themselves learn all there is, up to a checkpoint. */
    learnIncrementally: async (): Promise<unknown[]> => {
      const failures: unknown[] = [];
      const worker = createTrainingWorker({
        holder: randomUUID(),
        observe: createCounts().observe,
        database,
        store,
        now: () => clock.now,
        onCheckpoint: () => undefined,
        onFailure: (_, error) => failures.push(error),
      });
      while (await worker.round());
      clock.now += 10_000;
      await worker.round();
      return failures;
    },
    close: async (): Promise<void> => {
      await database.close();
      rmSync(root, { recursive: true });
    },
  };
}
