import type pg from 'pg';

export const POLICY = 'support-draft';
/** Outcomes of each decision. */
export const EVENTS_PER_DECISION = 5;
const ROWS_PER_BATCH = 500;

/** What decisions are rewarded by: three values of five events, and what the reference computes as well. */
export const definition = {
  range: [-10, 10],
  window: { after: '1h', grace: '0s' },
  default: { value: 0 },
  inputs: {
    shown: { event: 'outcome', name: 'shown', aggregate: 'any' },
    clicks: { event: 'outcome', name: 'clicks', aggregate: 'sum' },
    score: { event: 'outcome', name: 'score', aggregate: 'max' },
  },
  value:
    '(has(e.shown) && e.shown ? 1.0 : 0.0) + (has(e.clicks) ? e.clicks : 0.0) + (has(e.score) ? e.score : 0.0)',
};

/** Empties everything and stores decisions of two hours ago with their events, as the collector would have. */
export async function storeHistory(client: pg.Client, tenantId: string, decisions: number): Promise<void> {
  await client.query(
    'truncate rlaas.events, rlaas.ingest_batches, rlaas.rewards, rlaas.reward_specs, rlaas.bench_rewards cascade',
  );
  await client.query(
    `insert into rlaas.reward_specs (tenant_id, policy, version, definition, created_at)
     values ($1, $2, 1, $3, now() - interval '1 day')`,
    [tenantId, POLICY, definition],
  );
  const at = Date.now() - 2 * 3_600_000;
  // A UUIDv7 of a millisecond and of a text that names it.
  const id = (ms: string, name: string) =>
    `overlay(overlay(lpad(to_hex((${ms})::bigint), 12, '0') || md5(${name}) placing '7' from 13) placing '8' from 17)`;
  const uuid = (ms: string, name: string) => `left(${id(ms, name)}, 32)::uuid`;
  const decision = uuid(`${at} + n`, `'d' || n`);
  const columns = `tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data,
                   fingerprint, batch_id, ordinal`;
  const time = (ms: string) => `timestamptz 'epoch' + (${ms}) * interval '1 millisecond'`;
  await client.query(
    `insert into rlaas.events (${columns})
     select $1, ${decision}, 'decision', 1, ${time(`${at} + n`)}, ${time(`${at} + n`)}, $2, ${decision}, 'gateway',
            jsonb_build_object('context', jsonb_build_object('topic', 'billing', 'words', n % 97), 'actions',
              '[{"id":"a"},{"id":"b"}]'::jsonb, 'probabilities', '[0.5,0.5]'::jsonb, 'chosen', 0, 'propensity', 0.5,
              'mode', 'shadow_only', 'policy_version', null, 'checkpoint', null),
            gen_random_uuid(), (n - 1) / ${ROWS_PER_BATCH} + 1, (n - 1) % ${ROWS_PER_BATCH} + 1
     from generate_series(1, $3::int) n`,
    [tenantId, POLICY, decisions],
  );
  const firstBatch = Math.ceil(decisions / ROWS_PER_BATCH) + 1;
  await client.query(
    `insert into rlaas.events (${columns})
     select $1, ${uuid(`${at} + n + k * 60000`, `'e' || n || 'k' || k`)}, 'outcome', 1, ${time(`${at} + n + k * 60000`)},
            ${time(`${at} + n + k * 60000`)}, null, ${decision}, 'app',
            jsonb_build_object('name', (array['shown', 'clicks', 'clicks', 'score', 'score'])[k], 'value',
              case k when 1 then to_jsonb(n % 2 = 0) when 2 then to_jsonb((n % 3)) when 3 then to_jsonb((n % 5) * 0.5)
                     when 4 then to_jsonb((n % 7) * 0.25) else to_jsonb(-(n % 4) * 0.25) end),
            gen_random_uuid(), ${firstBatch} + ((k - 1) * $2::int + n - 1) / ${ROWS_PER_BATCH},
            ((k - 1) * $2::int + n - 1) % ${ROWS_PER_BATCH} + 1
     from generate_series(1, ${EVENTS_PER_DECISION}) k, generate_series(1, $2::int) n`,
    [tenantId, decisions],
  );
  await client.query(
    `insert into rlaas.ingest_batches (id, received_at, rows, tenants) overriding system value
     select batch_id, max(received_at), count(*), array[$1::uuid] from rlaas.events group by batch_id`,
    [tenantId],
  );
  await client.query('vacuum analyze rlaas.events');
  await client.query('checkpoint');
}

/** Hands all batches over, so that the work can begin. */
export async function deliverHistory(client: pg.Client, tenantId: string): Promise<void> {
  await client.query(
    `insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id)
     select 'reward', id, $1 from rlaas.ingest_batches`,
    [tenantId],
  );
}

/** Makes the table that the reference fills: a reward for each decision, found by its key. */
export async function makeReference(client: pg.Client): Promise<void> {
  await client.query(
    'create table rlaas.bench_rewards (tenant_id uuid, decision_id uuid, value float8, primary key (tenant_id, decision_id))',
  );
}

/** The same rewards by one statement, without a worker, statuses, components or reasons. */
export async function computeReference(client: pg.Client): Promise<void> {
  await client.query(
    `insert into rlaas.bench_rewards (tenant_id, decision_id, value)
     select d.tenant_id, d.id,
            least(10, greatest(-10,
              case when bool_or(e.data ->> 'name' = 'shown' and e.data -> 'value' = 'true') then 1 else 0 end
              + coalesce(sum((e.data ->> 'value')::float8) filter (where e.data ->> 'name' = 'clicks'), 0)
              + coalesce(max((e.data ->> 'value')::float8) filter (where e.data ->> 'name' = 'score'), 0)))
     from rlaas.events d
     left join rlaas.events e on e.tenant_id = d.tenant_id and e.decision_id = d.id and e.type = 'outcome'
       and e.occurred_at between d.occurred_at - interval '5 minutes' and d.occurred_at + interval '1 hour'
     where d.type = 'decision'
     group by d.tenant_id, d.id`,
  );
}

/** Rewards that differ from those of the reference, or that one of both lacks. */
export async function countDifferences(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from rlaas.bench_rewards b
     full join rlaas.rewards r using (tenant_id, decision_id)
     where r.value is null or b.value is null or abs(r.value - b.value) > 1e-9 or r.status = 'pending'`,
  );
  return rows[0]?.n ?? -1;
}
