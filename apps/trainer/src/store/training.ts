import type { Transaction } from '@rlaas/database';

/** A version that learns, with its newest checkpoint from which it can be learned on. */
export interface LearningVersion {
  tenant_id: string;
  policy: string;
  version: string;
  configuration: unknown;
  checkpoint: number | null;
  object_key: string | null;
  resume_key: string | null;
}

/** Versions that are not yet done: they learn from every decision of their policy, whichever version made it. */
export async function findLearningVersions(tx: Transaction): Promise<LearningVersion[]> {
  const { rows } = await tx.query<LearningVersion>(
    `select v.tenant_id, v.policy, v.name as version, v.configuration, c.number as checkpoint, c.object_key, c.resume_key
     from rlaas.policy_versions v
     left join lateral (
       select number, object_key, resume_key from rlaas.checkpoints c
       where c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.name and c.resume_key is not null
       order by number desc limit 1
     ) c on true
     where v.status in ('shadow', 'canary', 'active')
     order by v.tenant_id, v.policy, v.name`,
  );
  return rows;
}

/** Keeps every other trainer from this version until the transaction ends. */
export async function lockVersion(tx: Transaction, key: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 7202611))', [key]);
}

/** How many rewards the version has learned from. */
export async function readPosition(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
): Promise<number> {
  const { rows } = await tx.query<{ position: string | null }>(
    'select max(position) as position from rlaas.training_log where tenant_id = $1 and policy = $2 and version = $3',
    [tenantId, policy, version],
  );
  return Number(rows[0]?.position ?? 0);
}

/** A decision with its reward, as it is learned from. */
export interface LearnableRow {
  decision_id: string;
  value: number;
  data: unknown;
}

const LEARNABLE = `r.decision_id, r.value, e.data
     from rlaas.rewards r
     join rlaas.events e on e.tenant_id = r.tenant_id and e.id = r.decision_id and e.type = 'decision'`;

/**
 * Rewards that the version has not learned from, in the order of their deadlines. What only repeats the choice of its
 * episode was not drawn, so nothing is learned from it.
 */
export async function findNewRewards(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
  limit: number,
): Promise<LearnableRow[]> {
  const { rows } = await tx.query<LearnableRow>(
    `select ${LEARNABLE}
     where r.tenant_id = $1 and r.policy = $2 and r.status in ('final', 'defaulted')
       and not r.recomputed and not e.data ? 'sticky_of'
       and not exists (
         select from rlaas.training_log l
         where l.tenant_id = r.tenant_id and l.policy = r.policy and l.version = $3 and l.decision_id = r.decision_id
       )
     order by r.deadline, r.decision_id limit $4`,
    [tenantId, policy, version, limit],
  );
  return rows;
}

/** Rewards that the version has learned from, from behind a position on, in the order in which it did. */
export async function findLearned(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
  after: number,
  limit: number,
): Promise<LearnableRow[]> {
  const { rows } = await tx.query<LearnableRow>(
    `select ${LEARNABLE}
     join rlaas.training_log l
       on l.tenant_id = r.tenant_id and l.policy = r.policy and l.version = $3 and l.decision_id = r.decision_id
     where r.tenant_id = $1 and r.policy = $2 and r.status in ('final', 'defaulted') and not r.recomputed and l.position > $4
     order by l.position limit $5`,
    [tenantId, policy, version, after, limit],
  );
  return rows;
}

/** Notes rewards as learned from, behind `position`. */
export async function appendTrainingLog(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
  position: number,
  decisionIds: readonly string[],
): Promise<void> {
  await tx.query(
    `insert into rlaas.training_log (tenant_id, policy, version, position, decision_id)
     select $1, $2, $3, $4 + d.n, d.id from unnest($5::uuid[]) with ordinality as d (id, n)`,
    [tenantId, policy, version, position, decisionIds],
  );
}

/**
 * Registers a checkpoint whose objects are stored; from then on gateways load it. Only while the version is locked:
 * numbers are given one after the other.
 * @returns its number; `undefined` when there is one that learned more already
 */
export async function insertCheckpoint(
  tx: Transaction,
  checkpoint: {
    tenantId: string;
    policy: string;
    version: string;
    position: number;
    model: { key: string; sha256: string };
    resume: { key: string; sha256: string };
    /** For people. */
    metadata: Readonly<Record<string, number>>;
  },
  now: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ number: number }>(
    `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256, resume_key,
                                    resume_sha256, metadata, created_at)
     select $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10
     from rlaas.checkpoints where tenant_id = $1 and policy = $2 and version = $3
     having coalesce(max(position), 0) <= $4
     returning number`,
    [
      checkpoint.tenantId,
      checkpoint.policy,
      checkpoint.version,
      checkpoint.position,
      checkpoint.model.key,
      checkpoint.model.sha256,
      checkpoint.resume.key,
      checkpoint.resume.sha256,
      checkpoint.metadata,
      new Date(now),
    ],
  );
  return rows[0]?.number;
}
