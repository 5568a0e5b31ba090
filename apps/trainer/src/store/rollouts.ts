import type { Transaction } from '@rlaas/database';
import { type RolloutSettings, type RolloutStage, rolloutSettingsSchema } from '@rlaas/schemas';
import { type RolloutProgressState, rolloutProgressSchema } from '../rollouts/rollout-progress.ts';
import { type RolloutTerms, rolloutTermsSchema } from '../rollouts/rollout-terms.ts';

/** A rollout as it is stored. */
export interface StoredRollout {
  id: string;
  policy: string;
  version: string;
  /** null: the explored baseline. */
  incumbent: string | null;
  stage: RolloutStage;
  share: number;
  outcome: 'rolled_back' | 'retired' | 'superseded' | null;
  revision: number;
  start: number;
  specification: number;
  settings: RolloutSettings;
  terms: RolloutTerms;
  salt: string;
  /** Times in milliseconds since 1970. */
  startedAt: number;
  stageBeganAt: number;
  lookedAt: number | null;
  progress: RolloutProgressState | null;
}

interface RolloutRow {
  id: string;
  policy: string;
  version: string;
  incumbent: string | null;
  stage: RolloutStage;
  share: number;
  outcome: StoredRollout['outcome'];
  revision: number;
  start: number;
  specification: number;
  settings: unknown;
  terms: unknown;
  salt: string;
  started_at: Date;
  stage_began_at: Date;
  looked_at: Date | null;
  progress: unknown;
}

const ROLLOUT = `id, policy, version, incumbent, stage, share, outcome, revision, start, specification, settings, terms,
  salt, started_at, stage_began_at, looked_at, progress`;

/** Ids of the rollouts of all these tenants that go on. */
export async function findOpenRollouts(tx: Transaction): Promise<{ tenantId: string; id: string }[]> {
  const { rows } = await tx.query<{ tenantId: string; id: string }>(
    `select tenant_id as "tenantId", id from rlaas.rollouts where stage <> 'ended' order by tenant_id, id`,
  );
  return rows;
}

/** How many rollouts of all these tenants go on, and ids of some: those in canary first, then those that moved last. */
export async function listOpenRollouts(
  tx: Transaction,
  limit: number,
): Promise<{ open: number; latest: { tenantId: string; id: string }[] }> {
  const { rows } = await tx.query<{ tenantId: string; id: string; open: number }>(
    `select tenant_id as "tenantId", id, count(*) over ()::int as open from rlaas.rollouts where stage <> 'ended'
     order by stage <> 'canary', stage_began_at desc, id limit $1`,
    [limit],
  );
  return { open: rows[0]?.open ?? 0, latest: rows };
}

/** @param lock `update`: nobody else moves it until the transaction ends */
export async function findRollout(
  tx: Transaction,
  tenantId: string,
  id: string,
  lock: 'none' | 'update' = 'none',
): Promise<StoredRollout | undefined> {
  const locking = lock === 'none' ? '' : ' for update';
  const { rows } = await tx.query<RolloutRow>(
    `select ${ROLLOUT} from rlaas.rollouts where tenant_id = $1 and id = $2${locking}`,
    [tenantId, id],
  );
  return rows[0] && toRollout(rows[0]);
}

/** Rollouts of a policy that go on. */
export async function findOpenOfPolicy(
  tx: Transaction,
  tenantId: string,
  policy: string,
): Promise<StoredRollout[]> {
  const { rows } = await tx.query<RolloutRow>(
    `select ${ROLLOUT} from rlaas.rollouts
     where tenant_id = $1 and policy = $2 and stage <> 'ended' order by id for update`,
    [tenantId, policy],
  );
  return rows.map(toRollout);
}

/** Rollouts, the newest first. */
export async function listRollouts(
  tx: Transaction,
  tenantId: string,
  filter: { policy: string | undefined; open: boolean | undefined },
  page: { after: string | undefined; limit: number },
): Promise<StoredRollout[]> {
  const { rows } = await tx.query<RolloutRow>(
    `select ${ROLLOUT} from rlaas.rollouts
     where tenant_id = $1 and ($2::text is null or policy = $2) and ($3::boolean is null or (stage <> 'ended') = $3)
       and ($4::uuid is null or id < $4)
     order by id desc limit $5`,
    [tenantId, filter.policy ?? null, filter.open ?? null, page.after ?? null, page.limit],
  );
  return rows.map(toRollout);
}

/** Which of the other versions that are still scored was active last; `undefined`: none of them ever was. */
export async function findLastActive(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    `select v.name
     from rlaas.policy_versions v
     join rlaas.rollouts r on r.tenant_id = v.tenant_id and r.policy = v.policy and r.version = v.name
     join rlaas.rollout_transitions t on t.tenant_id = r.tenant_id and t.rollout_id = r.id
     where v.tenant_id = $1 and v.policy = $2 and v.name <> $3 and v.status in ('shadow', 'canary')
       and t.to_stage = 'active'
     order by t.at desc, r.id desc limit 1`,
    [tenantId, policy, version],
  );
  return rows[0]?.name;
}

/**
 * Which of the versions that only stay to come back was active longest ago: not the one that would come back now, nor one
 * that is tested again. `undefined`: there is none.
 * @param wayBack the one that would come back now
 */
export async function findLeastNeeded(
  tx: Transaction,
  tenantId: string,
  policy: string,
  wayBack: string | undefined,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    `select v.name
     from rlaas.policy_versions v
     join rlaas.rollouts r on r.tenant_id = v.tenant_id and r.policy = v.policy and r.version = v.name
     join rlaas.rollout_transitions t on t.tenant_id = r.tenant_id and t.rollout_id = r.id
     where v.tenant_id = $1 and v.policy = $2 and v.status = 'shadow' and t.to_stage = 'active'
       and v.name is distinct from $3
       and not exists (
         select from rlaas.rollouts o
         where o.tenant_id = v.tenant_id and o.policy = v.policy and o.stage <> 'ended' and o.version = v.name
       )
     group by v.name order by max(t.at), v.name limit 1`,
    [tenantId, policy, wayBack ?? null],
  );
  return rows[0]?.name;
}

/** How many starts a policy has seen. */
export async function countStarts(tx: Transaction, tenantId: string, policy: string): Promise<number> {
  const { rows } = await tx.query<{ starts: number | null }>(
    'select max(start) as starts from rlaas.rollouts where tenant_id = $1 and policy = $2',
    [tenantId, policy],
  );
  return rows[0]?.starts ?? 0;
}

export async function insertRollout(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
): Promise<void> {
  await tx.query(
    `insert into rlaas.rollouts (tenant_id, ${ROLLOUT})
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [
      tenantId,
      rollout.id,
      rollout.policy,
      rollout.version,
      rollout.incumbent,
      rollout.stage,
      rollout.share,
      rollout.outcome,
      rollout.revision,
      rollout.start,
      rollout.specification,
      rollout.settings,
      rollout.terms,
      rollout.salt,
      new Date(rollout.startedAt),
      new Date(rollout.stageBeganAt),
      rollout.lookedAt === null ? null : new Date(rollout.lookedAt),
      rollout.progress,
    ],
  );
}

/**
 * Lets one process at a time look at a rollout, until the transaction ends. Its row is not locked by that: whoever wants
 * to take the version back must not wait for a look.
 * @returns whether nobody else looks
 */
export async function lockLook(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
  const { rows } = await tx.query<{ locked: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 7202612)) as locked',
    [`${tenantId}/${id}`],
  );
  return rows[0]?.locked === true;
}

/**
 * Stores what the tests have come to, unless the rollout was moved since it was read. Gateways do not hear of it.
 * @param rollout as it was read
 */
export async function updateProgress(
  tx: Transaction,
  tenantId: string,
  { id, revision }: Pick<StoredRollout, 'id' | 'revision'>,
  progress: RolloutProgressState,
  now: number,
): Promise<void> {
  await tx.query(
    `update rlaas.rollouts set progress = $4, looked_at = $5
     where tenant_id = $1 and id = $2 and revision = $3`,
    [tenantId, id, revision, progress, new Date(now)],
  );
}

/** Stores a rollout after it was moved; gateways hear of it. */
export async function updateRollout(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
): Promise<void> {
  await tx.query(
    `update rlaas.rollouts set incumbent = $3, stage = $4, share = $5, outcome = $6, revision = $7, start = $8,
       specification = $9, settings = $10, terms = $11, salt = $12, started_at = $13, stage_began_at = $14,
       progress = $15
     where tenant_id = $1 and id = $2`,
    [
      tenantId,
      rollout.id,
      rollout.incumbent,
      rollout.stage,
      rollout.share,
      rollout.outcome,
      rollout.revision,
      rollout.start,
      rollout.specification,
      rollout.settings,
      rollout.terms,
      rollout.salt,
      new Date(rollout.startedAt),
      new Date(rollout.stageBeganAt),
      rollout.progress,
    ],
  );
}

function toRollout(row: RolloutRow): StoredRollout {
  const { started_at: started, stage_began_at: began, looked_at: looked, ...rest } = row;
  return {
    ...rest,
    settings: rolloutSettingsSchema.parse(row.settings),
    terms: rolloutTermsSchema.parse(row.terms),
    startedAt: started.getTime(),
    stageBeganAt: began.getTime(),
    lookedAt: looked?.getTime() ?? null,
    progress: row.progress === null ? null : rolloutProgressSchema.parse(row.progress),
  };
}
