import type { Transaction } from '@rlaas/database';
import {
  type Evaluation,
  type EvaluationReport,
  type JobProgress,
  type JobStatus,
  type StartEvaluation,
  evaluationSchema,
} from '@rlaas/schemas';

interface Row {
  id: string;
  status: JobStatus;
  progress: JobProgress | null;
  error: Evaluation['error'];
  input: StartEvaluation;
  report: unknown;
  created_at: Date;
  finished_at: Date | null;
}

/** The job says how far an evaluation is, the other row what it found. */
const EVALUATION = `select j.id, j.status, j.progress, j.error, j.input, j.created_at, j.finished_at, e.report
     from rlaas.jobs j
     left join rlaas.evaluations e on e.tenant_id = j.tenant_id and e.id = j.id and j.status = 'succeeded'
     where j.tenant_id = $1 and j.kind = 'evaluation'`;

export async function findEvaluation(
  tx: Transaction,
  tenantId: string,
  id: string,
): Promise<Evaluation | undefined> {
  const { rows } = await tx.query<Row>(`${EVALUATION} and j.id = $2`, [tenantId, id]);
  return rows[0] && toEvaluation(rows[0]);
}

/** Evaluations, the newest first, behind a place. */
export async function listEvaluations(
  tx: Transaction,
  tenantId: string,
  filter: { policy?: string | undefined; status?: JobStatus | undefined },
  page: { after: string | undefined; limit: number },
): Promise<Evaluation[]> {
  const { rows } = await tx.query<Row>(
    `${EVALUATION}
       and ($2::text is null or j.input ->> 'policy' = $2) and ($3::text is null or j.status = $3)
       and ($4::uuid is null or j.id < $4)
     order by j.id desc limit $5`,
    [tenantId, filter.policy, filter.status, page.after, page.limit],
  );
  return rows.map(toEvaluation);
}

/** Stores what an evaluation found. Once: it never changes. */
export async function insertEvaluation(
  tx: Transaction,
  evaluation: { tenantId: string; id: string; input: StartEvaluation; report: EvaluationReport },
  now: number,
): Promise<void> {
  const { tenantId, id, input, report } = evaluation;
  await tx.query(
    `insert into rlaas.evaluations (tenant_id, id, policy, target, period, report, created_at)
     values ($1, $2, $3, $4, tstzrange($5, $6), $7, $8)`,
    [
      tenantId,
      id,
      input.policy,
      JSON.stringify(input.target),
      input.from,
      input.to,
      JSON.stringify(report),
      new Date(now),
    ],
  );
}

function toEvaluation({ input, created_at: createdAt, finished_at: finishedAt, ...row }: Row): Evaluation {
  const { policy, target, from, to } = input;
  return evaluationSchema.parse({
    ...row,
    policy,
    target,
    from,
    to,
    created_at: createdAt.toISOString(),
    finished_at: finishedAt?.toISOString() ?? null,
  });
}
