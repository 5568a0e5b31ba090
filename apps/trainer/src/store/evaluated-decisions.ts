import { ArrayParameter, type Transaction } from '@rlaas/database';
import { IS_DECISION } from './is-decision.ts';

const UUID_BYTES = 16;
const ENTRY_BYTES = UUID_BYTES + 8;

/** Decisions with their rewards, in the order in which they were made, by 24 bytes each: there may be millions. */
class RewardedDecisions {
  /** For each decision 16 bytes of its id and 8 of its reward, a big-endian double. */
  readonly bytes: Buffer;
  readonly length: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.length = bytes.length / ENTRY_BYTES;
  }

  rewardAt(index: number): number {
    return this.bytes.readDoubleBE(index * ENTRY_BYTES + UUID_BYTES);
  }

  /** Ids from `start` on, `count` at most: a parameter `$1::uuid[]`, and how many they are. */
  ids(start: number, count: number): { parameter: Buffer; length: number } {
    const end = Math.min(start + count, this.length);
    const parameter = new ArrayParameter('uuid', (end - start) * (UUID_BYTES + 4));
    for (let index = start; index < end; index += 1) {
      const at = index * ENTRY_BYTES;
      parameter.bytes(this.bytes.subarray(at, at + UUID_BYTES));
    }
    return { parameter: parameter.finish(), length: end - start };
  }
}

/** Which decisions: those of a policy in [from, to) by the time at which they were made. */
export interface EvaluatedPeriod {
  policy: string;
  from: string;
  to: string;
}

/** The decisions of a period, counted, and those of them that have a reward. */
export interface FoundDecisions {
  rewarded: RewardedDecisions;
  /** All of the period. */
  decisions: number;
  openWindows: number;
  /** Neither a final reward nor an open one. */
  withoutReward: number;
  /** Versions of the specification by which rewards were made. */
  specVersions: number[];
}

/**
 * The decisions of a period with the rewards that are learned from, which are never changed. One statement, so that what
 * closes meanwhile is counted in one place only.
 */
export async function findRewardedDecisions(
  tx: Transaction,
  tenantId: string,
  { policy, from, to }: EvaluatedPeriod,
): Promise<FoundDecisions> {
  const { rows } = await tx.query<{
    entries: Buffer | null;
    decisions: string;
    open_windows: string;
    without_reward: string;
    spec_versions: number[] | null;
  }>(
    `select string_agg(uuid_send(e.id) || float8send(r.value), ''::bytea order by e.occurred_at, e.id)
              filter (where r.status in ('final', 'defaulted')) as entries,
            count(*) as decisions,
            count(*) filter (where r.status = 'pending') as open_windows,
            count(*) filter (where coalesce(r.status, '') not in ('final', 'defaulted', 'pending')) as without_reward,
            array_agg(distinct r.spec_version) filter (where r.status in ('final', 'defaulted')) as spec_versions
     from rlaas.events e
     left join lateral (
       select r.status, r.value, r.spec_version from rlaas.rewards r
       where r.tenant_id = e.tenant_id and r.decision_id = e.id and r.policy = e.policy and not r.recomputed
       -- By itself for each decision, whatever the planner thinks of all of them.
       offset 0
     ) r on true
     where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision' and e.occurred_at >= $3 and e.occurred_at < $4`,
    [tenantId, policy, from, to],
  );
  const [row] = rows;
  if (!row) throw new Error('a count has no row');
  return {
    rewarded: new RewardedDecisions(row.entries ?? Buffer.alloc(0)),
    decisions: Number(row.decisions),
    openWindows: Number(row.open_windows),
    withoutReward: Number(row.without_reward),
    specVersions: row.spec_versions ?? [],
  };
}

/** Whether a decision of the period has a reward to evaluate with. */
export async function hasRewardedDecision(
  tx: Transaction,
  tenantId: string,
  { policy, from, to }: EvaluatedPeriod,
): Promise<boolean> {
  const { rows } = await tx.query<{ some: boolean }>(
    `select exists (
       select from rlaas.events e
       cross join lateral (
         select from rlaas.rewards r
         where r.tenant_id = e.tenant_id and r.decision_id = e.id and r.policy = e.policy and not r.recomputed
           and r.status in ('final', 'defaulted')
         offset 0
       ) r
       where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision' and e.occurred_at >= $3 and e.occurred_at < $4
     ) as some`,
    [tenantId, policy, from, to],
  );
  return rows[0]?.some ?? false;
}

/** A decision as it was logged; `data` is a JSON text, which the thread that reads it parses. */
export interface LoggedText {
  /** Place in what was asked for, from 1. */
  n: number;
  id: string;
  data: string;
  imported: boolean;
  /** It has an episode or a name, so its draw may follow from a seed that others have too. */
  shared: boolean;
}

/** Decisions in the order of their ids; one that is gone is missing. Each is looked up by itself, in its partition. */
export async function findLoggedTexts(
  tx: Transaction,
  tenantId: string,
  decisionIds: Buffer,
): Promise<LoggedText[]> {
  const { rows } = await tx.query<LoggedText>(
    `select d.n::int as n, d.id, e.data, e.imported, e.shared
     from unnest($2::uuid[]) with ordinality as d (id, n)
     cross join lateral (
       select e.data::text as data, e.import_id is not null as imported,
              e.episode_id is not null or e.external_id is not null as shared
       from rlaas.events e where e.tenant_id = $1 and e.id = d.id and ${IS_DECISION} offset 0
     ) e
     order by d.n`,
    [tenantId, decisionIds],
  );
  return rows;
}

/** The least range that holds the ranges of these versions of the specification. */
export async function findRewardRange(
  tx: Transaction,
  tenantId: string,
  policy: string,
  specVersions: readonly number[],
): Promise<[number, number] | undefined> {
  const { rows } = await tx.query<{ least: number | null; largest: number | null }>(
    `select min((definition #>> '{range,0}')::double precision) as least,
            max((definition #>> '{range,1}')::double precision) as largest
     from rlaas.reward_specs where tenant_id = $1 and policy = $2 and version = any ($3)`,
    [tenantId, policy, specVersions],
  );
  const { least, largest } = rows[0] ?? { least: null, largest: null };
  return least === null || largest === null ? undefined : [least, largest];
}
