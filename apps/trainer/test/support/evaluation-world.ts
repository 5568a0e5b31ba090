import { newId } from '@rlaas/database';
import { uniformOf } from '@rlaas/learning';
import { TENANT, startTrainingWorld } from './training-world.ts';

export const ACTIONS = ['a', 'b', 'c'] as const;
/** Decisions are logged from then on, one each second. */
const START = Date.now() - 7_200_000;

/** A decision as a test wants it. */
export interface LoggedOptions {
  /** Default `final`; `none`: it has no reward at all. */
  status?: 'final' | 'defaulted' | 'pending' | 'inactive' | 'none';
  data?: object;
  importId?: string;
  recomputed?: boolean;
  episode?: string;
  externalId?: string;
}

/** What was logged, for tests that count by themselves. */
export interface LoggedRow {
  id: string;
  side: 'left' | 'right';
  chosen: number;
  propensity: number;
  reward: number;
}

/** Mean reward of an action: on the left `c` is best, on the right `a`. */
function meanReward(side: 'left' | 'right', action: number): number {
  return [0.2, 0.5, 0.8].at(side === 'left' ? action : 2 - action) ?? 0;
}

function draw([a = 0, b = 0]: readonly number[], u: number): number {
  if (u < a) return 0;
  return u < a + b ? 1 : 2;
}

/** A policy `p` whose decisions have rewards of 0 and 1 with known means. */
export async function startEvaluationWorld() {
  const world = await startTrainingWorld();
  const { db } = world;
  await db.sql(
    `insert into rlaas.reward_specs (tenant_id, policy, version, definition) values ($1, 'p', 1, '{"range": [0, 1]}')`,
    [TENANT],
  );
  const [batch] = await db.sql<{ id: string }>(
    'insert into rlaas.ingest_batches (received_at, rows) values (now(), 0) returning id',
  );
  let made = 0;

  /** Logs decisions drawn with these probabilities; the same numbers at each run. */
  async function log(
    count: number,
    probabilities: readonly number[],
    options: LoggedOptions = {},
  ): Promise<LoggedRow[]> {
    const { status = 'final', recomputed = false, importId = null } = options;
    const { episode = null, externalId = null } = options;
    const rows = Array.from({ length: count }, (_, index) => {
      const i = made + index;
      const side = i % 2 === 0 ? ('left' as const) : ('right' as const);
      const chosen = draw(probabilities, uniformOf('choice', String(i)));
      return {
        id: newId(START + i * 1_000),
        at: new Date(START + i * 1_000),
        side,
        chosen,
        propensity: probabilities[chosen] ?? 0,
        reward: uniformOf('reward', String(i)) < meanReward(side, chosen) ? 1 : 0,
      };
    });
    made += count;
    const stored = rows.map((row) => ({
      ...row,
      data: {
        context: { side: row.side, n: 1 },
        actions: ACTIONS.map((id) => ({ id })),
        probabilities,
        chosen: row.chosen,
        propensity: row.propensity,
        policy_version: null,
        checkpoint: null,
        mode: 'shadow_only',
        ...options.data,
      },
    }));
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id,
                                 source, data, fingerprint, batch_id, ordinal, import_id, episode_id, external_id)
       select $1, d.id, 'decision', 1, d.at, d.at, 'p', d.id, 'gateway', d.data, '00112233445566778899aabbccddeeff',
              $2, row_number() over (), $3, $5, $6
       from jsonb_to_recordset($4) as d (id uuid, at timestamptz, data jsonb)`,
      [TENANT, batch?.id, importId, JSON.stringify(stored), episode, externalId],
    );
    if (status !== 'none') {
      await db.sql(
        `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline,
                                    recomputed)
         select $1, d.id, 1, 'p', $2, case when $2 in ('final', 'defaulted') then d.reward end, d.at, d.at, $3
         from jsonb_to_recordset($4) as d (id uuid, at timestamptz, reward double precision)`,
        [TENANT, status, recomputed, JSON.stringify(stored)],
      );
    }
    // As the server does by itself after a while.
    await db.sql('analyze rlaas.events, rlaas.rewards');
    return rows;
  }

  return {
    ...world,
    log,
    /** From the decision of that number on, and how many: a period of its own. */
    period: (first: number, count = made - first) => ({
      from: new Date(START + first * 1_000).toISOString(),
      to: new Date(START + (first + count) * 1_000).toISOString(),
    }),
    /** How many decisions there are. */
    made: () => made,
  };
}
