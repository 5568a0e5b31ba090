import type { Transaction } from '@rlaas/database';
import type { VersionKey } from './version-key.ts';

/** A version that learns, with its newest checkpoint from which it can be learned on. */
export interface LearningVersion extends VersionKey {
  configuration: unknown;
  checkpoint: number | null;
  /** How many rewards the newest checkpoint has learned; 0 without one. */
  position: number;
  object_key: string | null;
  resume_key: string | null;
  /** Which trainer learned for it last, and until when nobody else does. */
  lease: { holder: string; expiresAt: number } | undefined;
}

/** Versions that are not yet done: they learn from every decision of their policy, whichever version made it. */
export async function findLearningVersions(tx: Transaction): Promise<LearningVersion[]> {
  type Row = Omit<LearningVersion, 'position' | 'lease'> & {
    position: string | null;
    holder: string | null;
    expires_at: Date | null;
  };
  const { rows } = await tx.query<Row>(
    `select v.tenant_id, v.policy, v.name as version, v.configuration, c.number as checkpoint, c.position, c.object_key,
            c.resume_key, l.holder, l.expires_at
     from rlaas.policy_versions v
     left join lateral (
       select number, position, object_key, resume_key from rlaas.checkpoints c
       where c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.name and c.resume_key is not null
       order by number desc limit 1
     ) c on true
     left join rlaas.training_leases l on l.tenant_id = v.tenant_id and l.policy = v.policy and l.version = v.name
     where v.status in ('shadow', 'canary', 'active')
     order by v.tenant_id, v.policy, v.name`,
  );
  return rows.map(({ holder, expires_at: expiresAt, position, ...version }) =>
    Object.assign(version, {
      position: Number(position ?? 0),
      lease: holder === null || expiresAt === null ? undefined : { holder, expiresAt: expiresAt.getTime() },
    }),
  );
}

/** Keeps every other trainer from this version until the transaction ends. */
export async function lockVersion(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 7202611))', [
    `${tenantId}/${policy}/${version}`,
  ]);
}
