import type { Database, JobQueue } from '@rlaas/database';
import type { Job, RecomputeRewards } from '@rlaas/schemas';
import { findSpecification } from '../store/reward-specs.ts';
import { recomputeKind } from './recompute-kind.ts';

/** What became of the wish for a recomputation. */
type StartOutcome =
  | { outcome: 'started' | 'known'; job: Job }
  | { outcome: 'no_version' }
  /** The queue cannot be reached yet. */
  | { outcome: 'unavailable' };

/** Asks for rewards of a period by a version of the specification. */
export interface Recomputations {
  start: (
    tenantId: string,
    actor: string,
    asked: { policy: string; wanted: RecomputeRewards; idempotencyKey: string | undefined },
  ) => Promise<StartOutcome>;
}

/** @param queue `undefined` as long as it is not open */
export function createRecomputations(options: {
  database: Database;
  queue: () => Pick<JobQueue, 'start'> | undefined;
}): Recomputations {
  const { database } = options;
  return {
    async start(tenantId, actor, { policy, wanted, idempotencyKey }) {
      const found = await database.transaction(
        { role: 'rlaas_api', tenants: [tenantId], readOnly: true },
        (tx) => findSpecification(tx, tenantId, policy, wanted.version),
      );
      if (!found) return { outcome: 'no_version' };
      const queue = options.queue();
      if (!queue) return { outcome: 'unavailable' };
      const { job, isNew } = await queue.start(recomputeKind, {
        tenantId,
        actor,
        input: { ...wanted, policy },
        idempotencyKey,
      });
      return { outcome: isNew ? 'started' : 'known', job };
    },
  };
}
