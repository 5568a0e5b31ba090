import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withOwner } from '@rlaas/database';
import type { Place } from '../dev-stack.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
export const POLICY = 'digits';

/**
 * Chosen in simulations of the same loop with 60 seeds each: the share of right answers among the last 200 was
 * 78 % ± 5 with these, and 71 % ± 6 with the default rate of 0.5, which is too near to 60 to be a test.
 */
const CONFIGURATION = {
  explorer: { kind: 'epsilon_greedy', epsilon: 0.1 },
  minimum_probability: 0.01,
  learner: { learning_rate: 2 },
};

/** What Postgres has of the thread. */
export interface Counts {
  decisions: number;
  outcomes: number;
  rewards: number;
  pending: number;
  learned: number;
  checkpoints: number;
}

async function ownerUrl(place: Place): Promise<string> {
  const text = await readFile(join(place.state, 'connection.json'), 'utf8');
  return (JSON.parse(text) as { ownerUrl: string }).ownerUrl;
}

/**
 * Installs the policy of the thread as the seed installs its own, by SQL: what applies policies from files, and the
 * rollout that makes a version active, come later.
 */
export async function installPolicy(place: Place): Promise<void> {
  await withOwner(await ownerUrl(place), async (client) => {
    await client.query(
      `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, $2, '{}', 'seed')
       on conflict do nothing`,
      [TENANT, POLICY],
    );
    await client.query(
      `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
       values ($1, $2, 'digits-v0', 'active', $3, 'seed') on conflict do nothing`,
      [TENANT, POLICY, CONFIGURATION],
    );
    await client.query(
      `insert into rlaas.reward_specs (tenant_id, policy, version, definition) values ($1, $2, 1, $3)
       on conflict do nothing`,
      [
        TENANT,
        POLICY,
        {
          range: [0, 1],
          window: { after: '1s', grace: '500ms' },
          inputs: { right: { event: 'outcome', name: 'right', aggregate: 'first' } },
          value: 'has(e.right) ? e.right : 0.0',
          default: { value: 0 },
        },
      ],
    );
  });
}

/** Counts rows, and decisions and outcomes by their ids, so that a doubled one would show. */
export async function countRows(place: Place): Promise<Counts> {
  return withOwner(await ownerUrl(place), async (client) => {
    const { rows } = await client.query<Counts>(
      `select (select count(*)::int from rlaas.events where type = 'decision' and policy = $2) as decisions,
              -- All but those of the seed, which name another policy.
              (select count(*)::int from rlaas.events where type = 'outcome' and coalesce(policy, $2) = $2) as outcomes,
              (select count(*)::int from rlaas.rewards where policy = $2) as rewards,
              (select count(*)::int from rlaas.rewards where policy = $2 and status = 'pending') as pending,
              (select count(*)::int from rlaas.training_log where policy = $2) as learned,
              (select count(*)::int from rlaas.checkpoints where policy = $2) as checkpoints
       where $1::uuid is not null`,
      [TENANT, POLICY],
    );
    const [counts] = rows;
    if (!counts) throw new Error('nothing was counted');
    return counts;
  });
}

/** What is stored of each decision: the chosen action and its propensity. */
export async function storedDecisions(
  place: Place,
): Promise<Map<string, { action: string; propensity: number }>> {
  return withOwner(await ownerUrl(place), async (client) => {
    const { rows } = await client.query<{ id: string; action: string; propensity: number }>(
      `select id, data -> 'actions' -> (data ->> 'chosen')::int ->> 'id' as action,
              (data ->> 'propensity')::float8 as propensity
       from rlaas.events where type = 'decision' and policy = $1`,
      [POLICY],
    );
    return new Map(rows.map(({ id, ...rest }) => [id, rest]));
  });
}
