import { newId } from '@rlaas/database';
import type { DecisionData } from '@rlaas/schemas';
import type { TestDatabase } from '@rlaas/testkit';

/** A decision to be stored, with its reward. */
export interface WrittenDecision {
  at: number;
  data: Partial<DecisionData>;
  /** `pending`: its window is open; null: it is left out. */
  reward: number | 'pending' | null;
  episode?: string;
  imported?: boolean;
  externalId?: string;
  outcomes?: { name: string; value: unknown }[];
}

/** Stores decisions and their rewards as the collector and the reward service leave them. */
export async function writeHistory(
  db: TestDatabase,
  tenantId: string,
  policy: string,
  decisions: readonly WrittenDecision[],
): Promise<string[]> {
  const [batch] = await db.sql<{ id: string }>(
    'insert into rlaas.ingest_batches (received_at, rows) values (now(), 0) returning id',
  );
  const rows = decisions.map(({ at, data, reward, episode, imported, externalId, outcomes }) => ({
    id: newId(at),
    outcome: newId(at),
    at: new Date(at).toISOString(),
    episode: episode ?? null,
    external_id: externalId ?? null,
    import_id: imported === true ? tenantId : null,
    reward,
    outcomes: outcomes ?? [],
    data: {
      context: {},
      actions: [{ id: 'a' }, { id: 'b' }],
      policy_version: null,
      checkpoint: null,
      mode: 'shadow_only',
      ...data,
    },
  }));
  const json = JSON.stringify(rows);
  await db.sql(
    `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, episode_id,
                               external_id, import_id, source, data, fingerprint, batch_id, ordinal)
     select $1, (d ->> 'id')::uuid, 'decision', 1, (d ->> 'at')::timestamptz, (d ->> 'at')::timestamptz, $2,
            (d ->> 'id')::uuid, d ->> 'episode', d ->> 'external_id', (d ->> 'import_id')::uuid, 'gateway', d -> 'data',
            '00112233445566778899aabbccddeeff', $4, 1
     from jsonb_array_elements($3::jsonb) d`,
    [tenantId, policy, json, batch?.id],
  );
  await db.sql(
    `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data,
                               fingerprint, batch_id, ordinal)
     select $1, (d ->> 'outcome')::uuid, 'outcome', 1, (d ->> 'at')::timestamptz, (d ->> 'at')::timestamptz, $2,
            (d ->> 'id')::uuid, 'app', o, '00112233445566778899aabbccddeeff', $4, 1
     from jsonb_array_elements($3::jsonb) d cross join jsonb_array_elements(d -> 'outcomes') o`,
    [tenantId, policy, json, batch?.id],
  );
  await db.sql(
    `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline)
     select $1, (d ->> 'id')::uuid, 1, $2,
            case jsonb_typeof(d -> 'reward') when 'number' then 'final' when 'string' then 'pending' else 'inactive' end,
            case jsonb_typeof(d -> 'reward') when 'number' then (d ->> 'reward')::float8 end,
            (d ->> 'at')::timestamptz, (d ->> 'at')::timestamptz
     from jsonb_array_elements($3::jsonb) d`,
    [tenantId, policy, json],
  );
  await db.sql(
    `insert into rlaas.decision_aliases (tenant_id, policy, external_id, decision_id, linked_at)
     select $1, $2, d ->> 'external_id', (d ->> 'id')::uuid, (d ->> 'at')::timestamptz
     from jsonb_array_elements($3::jsonb) d where d ->> 'external_id' is not null
     on conflict do nothing`,
    [tenantId, policy, json],
  );
  return rows.map(({ id }) => id);
}

/** Numbers in [0, 1) that are the same in every run. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // mulberry32, of public domain.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
