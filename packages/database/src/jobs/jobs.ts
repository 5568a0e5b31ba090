import type { Job, JobStatus } from '@rlaas/schemas';
import type { Database } from '../database.ts';
import { findJob, findJobByKey, listJobs, requestCancel } from './job-rows.ts';

/** The jobs of all services, as people look at them. */
export interface Jobs {
  find: (tenantId: string, id: string) => Promise<Job | undefined>;
  /** The job of a kind that was asked for with this idempotency key. */
  findByKey: (tenantId: string, kind: string, idempotencyKey: string) => Promise<Job | undefined>;
  /** One more than `limit`, the newest first. */
  list: (
    tenantId: string,
    filter: { kind?: string | undefined; status?: JobStatus | undefined },
    page: { after: string | undefined; limit: number },
  ) => Promise<Job[]>;
  /** Ends a job that waits; one that runs stops at its next step. @returns the job; `undefined`: there is none */
  cancel: (tenantId: string, id: string) => Promise<Job | undefined>;
}

export function createJobs({ database, now }: { database: Database; now: () => number }): Jobs {
  return {
    find: (tenantId, id) =>
      database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, (tx) =>
        findJob(tx, tenantId, id),
      ),
    findByKey: (tenantId, kind, idempotencyKey) =>
      database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, (tx) =>
        findJobByKey(tx, tenantId, kind, idempotencyKey),
      ),
    list: (tenantId, filter, page) =>
      database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, (tx) =>
        listJobs(tx, tenantId, filter, page),
      ),
    cancel: (tenantId, id) =>
      database.transaction({ role: 'rlaas_api', tenants: [tenantId] }, async (tx) => {
        await requestCancel(tx, tenantId, id, now());
        return findJob(tx, tenantId, id);
      }),
  };
}
