import type { Database, JobQueue, Jobs } from '@rlaas/database';
import type { Evaluation, JobStatus, StartEvaluation } from '@rlaas/schemas';
import { hasRewardedDecision } from '../store/evaluated-decisions.ts';
import { findEvaluation, listEvaluations } from '../store/evaluations.ts';
import { evaluationKind } from './evaluation-kind.ts';
import { type EvaluationRefusal, emptyPeriod } from './evaluation-refusal.ts';
import { examineTarget } from './examine-target.ts';

/** What became of the wish for an evaluation. */
type StartOutcome =
  | { outcome: 'started' | 'known'; evaluation: Evaluation }
  | { outcome: 'refused'; refusal: EvaluationRefusal }
  /** The queue cannot be reached yet. */
  | { outcome: 'unavailable' };

/** Starts evaluations and shows them. */
export interface Evaluations {
  start: (
    tenantId: string,
    actor: string,
    asked: { wanted: StartEvaluation; idempotencyKey: string | undefined },
  ) => Promise<StartOutcome>;
  find: (tenantId: string, id: string) => Promise<Evaluation | undefined>;
  /** The newest first. */
  list: (
    tenantId: string,
    filter: { policy?: string | undefined; status?: JobStatus | undefined },
    page: { after: string | undefined; limit: number },
  ) => Promise<Evaluation[]>;
}

/** @param queue `undefined` as long as it is not open */
export function createEvaluations(options: {
  database: Database;
  jobs: Pick<Jobs, 'findByKey'>;
  queue: () => Pick<JobQueue, 'start'> | undefined;
}): Evaluations {
  const { database, jobs } = options;

  function refusalOf(tenantId: string, wanted: StartEvaluation): Promise<EvaluationRefusal | undefined> {
    return database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, async (tx) => {
      const examined = await examineTarget(tx, tenantId, wanted);
      if ('refusal' in examined) return examined.refusal;
      return (await hasRewardedDecision(tx, tenantId, wanted)) ? undefined : emptyPeriod(wanted);
    });
  }
  function find(tenantId: string, id: string): Promise<Evaluation | undefined> {
    return database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, (tx) =>
      findEvaluation(tx, tenantId, id),
    );
  }
  async function started(tenantId: string, id: string, outcome: 'started' | 'known'): Promise<StartOutcome> {
    const evaluation = await find(tenantId, id);
    if (!evaluation) throw new Error(`there is no evaluation ${id} after it was started`);
    return { outcome, evaluation };
  }

  return {
    async start(tenantId, actor, { wanted, idempotencyKey }) {
      // A request that is made again finds its evaluation, also when a version was retired meanwhile.
      const known =
        idempotencyKey === undefined
          ? undefined
          : await jobs.findByKey(tenantId, evaluationKind.name, idempotencyKey);
      if (known) return started(tenantId, known.id, 'known');
      const refusal = await refusalOf(tenantId, wanted);
      if (refusal) return { outcome: 'refused', refusal };
      const queue = options.queue();
      if (!queue) return { outcome: 'unavailable' };
      const { job, isNew } = await queue.start(evaluationKind, {
        tenantId,
        actor,
        input: wanted,
        idempotencyKey,
      });
      return started(tenantId, job.id, isNew ? 'started' : 'known');
    },
    find,
    list: (tenantId, filter, page) =>
      database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, (tx) =>
        listEvaluations(tx, tenantId, filter, page),
      ),
  };
}
