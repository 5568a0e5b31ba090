import { ArrayParameter, type Transaction } from '@rlaas/database';
import type { StartTrainingRun, VersionStatus } from '@rlaas/schemas';
import type { VersionKey } from './version-key.ts';
import { IS_DECISION } from './is-decision.ts';

/** A version as a training run finds it. */
export interface TrainableVersion {
  status: VersionStatus;
  configuration: unknown;
  /** Whether it has a checkpoint, or rewards in its training log. */
  learned: boolean;
}

export async function findTrainableVersion(
  tx: Transaction,
  tenantId: string,
  { policy, version }: Pick<StartTrainingRun, 'policy' | 'version'>,
): Promise<TrainableVersion | undefined> {
  const { rows } = await tx.query<TrainableVersion>(
    `select v.status, v.configuration,
            exists (select from rlaas.checkpoints c
                    where c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.name)
            or exists (select from rlaas.training_log l
                       where l.tenant_id = v.tenant_id and l.policy = v.policy and l.version = v.name) as learned
     from rlaas.policy_versions v where v.tenant_id = $1 and v.policy = $2 and v.name = $3`,
    [tenantId, policy, version],
  );
  return rows[0];
}

/**
 * Rewards of decisions of a period by the time of the decision. What only repeats the choice of its episode was not
 * drawn, so nothing is learned from it.
 */
const OF_PERIOD = `from rlaas.events e
     cross join lateral (
       select r.decision_id, r.deadline, r.status from rlaas.rewards r
       where r.tenant_id = e.tenant_id and r.decision_id = e.id and r.policy = e.policy
         and r.status in ('final', 'defaulted', 'pending') and not r.recomputed
       -- By itself for each decision: planned together, Postgres compares every reward with every decision.
       offset 0
     ) r
     where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision' and e.occurred_at >= $3 and e.occurred_at < $4
       and not e.data ? 'sticky_of'`;

/** Whether something can be learned from the period. */
export async function hasFinalRewards(
  tx: Transaction,
  tenantId: string,
  { policy, from, to }: StartTrainingRun,
): Promise<boolean> {
  const { rows } = await tx.query<{ some: boolean }>(
    `select exists (select ${OF_PERIOD} and r.status <> 'pending') as some`,
    [tenantId, policy, from, to],
  );
  return rows[0]?.some ?? false;
}

const UUID_BYTES = 16;

/** Decisions in the order in which they are learned, by 16 bytes each: there may be millions. */
export class DecisionList {
  readonly #ids: Buffer;
  readonly length: number;

  constructor(ids: Buffer) {
    this.#ids = ids;
    this.length = ids.length / UUID_BYTES;
  }

  /** Those from `start` on, `count` at most: a parameter `$1::uuid[]`, and how many they are. */
  slice(start: number, count: number): { parameter: Buffer; length: number } {
    const end = Math.min(start + count, this.length);
    const parameter = new ArrayParameter('uuid', (end - start) * (UUID_BYTES + 4));
    for (let index = start; index < end; index += 1) {
      parameter.bytes(this.#ids.subarray(index * UUID_BYTES, (index + 1) * UUID_BYTES));
    }
    return { parameter: parameter.finish(), length: end - start };
  }
}

/**
 * The decisions of a period whose rewards are final, in the order of the deadlines of these as they are learned while
 * they come in; and how many are still open. One statement, so that what closes meanwhile is in exactly one of the two.
 */
export async function findDecisionsToLearn(
  tx: Transaction,
  tenantId: string,
  { policy, from, to }: StartTrainingRun,
): Promise<{ decisions: DecisionList; openWindows: number }> {
  const { rows } = await tx.query<{ ids: Buffer | null; open_windows: string }>(
    `select string_agg(uuid_send(r.decision_id), ''::bytea order by r.deadline, r.decision_id)
              filter (where r.status <> 'pending') as ids,
            count(*) filter (where r.status = 'pending') as open_windows
     ${OF_PERIOD}`,
    [tenantId, policy, from, to],
  );
  return {
    decisions: new DecisionList(rows[0]?.ids ?? Buffer.alloc(0)),
    openWindows: Number(rows[0]?.open_windows ?? 0),
  };
}

/** A decision with its reward; `data` is a JSON text, which the thread that learns it reads. */
export interface TextRow {
  decision_id: string;
  value: number;
  data: string;
}

/** Rows of decisions in the order of their ids; one that is gone is missing. */
export async function findRowsToLearn(
  tx: Transaction,
  tenantId: string,
  policy: string,
  decisionIds: Buffer,
): Promise<TextRow[]> {
  const { rows } = await tx.query<TextRow>(
    `select r.decision_id, r.value, e.data::text as data
     from unnest($3::uuid[]) with ordinality as d (id, n)
     cross join lateral (
       select r.decision_id, r.value from rlaas.rewards r
       where r.tenant_id = $1 and r.decision_id = d.id and r.policy = $2 and r.status in ('final', 'defaulted')
         and not r.recomputed
       offset 0
     ) r
     cross join lateral (
       select e.data from rlaas.events e where e.tenant_id = $1 and e.id = d.id and ${IS_DECISION} offset 0
     ) e
     order by d.n`,
    [tenantId, policy, decisionIds],
  );
  return rows;
}

/** Notes decisions as learned from, behind `position`, at their final rewards. @param decisionIds binary, `$1::uuid[]` */
export async function logRun(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  position: number,
  decisionIds: Buffer,
): Promise<void> {
  await tx.query(
    `insert into rlaas.training_log (tenant_id, policy, version, position, decision_id)
     select $1, $2, $3, $4 + d.n, d.id from unnest($5::uuid[]) with ordinality as d (id, n)`,
    [tenantId, policy, version, position, decisionIds],
  );
}
