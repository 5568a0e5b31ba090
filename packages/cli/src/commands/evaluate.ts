import { type StartEvaluation, evaluationSchema } from '@rlaas/schemas';
import { type ApiClient, notFoundOf } from '../apply/api-client.ts';
import { type ConnectOptions, connect } from '../apply/connect.ts';
import type { CommandContext } from '../command-context.ts';
import { showReport } from '../evaluations/show-report.ts';
import { type TargetOptions, targetOf } from '../evaluations/target-options.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { followJob } from '../jobs/follow-job.ts';
import { periodOf } from '../time-option.ts';

export interface EvaluateOptions extends ConnectOptions, TargetOptions {
  from?: string;
  to?: string;
  json?: boolean;
}

/**
 * `rlaas evaluate`: estimates what a target would have earned, and waits for it. Interrupted, it leaves the evaluation to
 * the installation.
 */
export async function evaluateCommand(
  context: CommandContext,
  policy: string,
  options: EvaluateOptions,
): Promise<void> {
  const wanted = {
    policy,
    target: await targetOf(options),
    ...periodOf(context, options),
  };
  const { api, tenant } = await connect(context, options);
  const id = await start(api, wanted);
  if (!options.json) {
    context.print(`tenant ${tenant} at ${api.origin}`);
    context.print(
      `evaluation ${id}: ${policy}, ${wanted.from} to ${wanted.to}; it goes on when this command is interrupted`,
    );
  }
  await followJob(context, api, id);
  const { report } = evaluationSchema.parse((await api.ask(`/v1/evaluations/${id}`)).body);
  if (!report) throw new CommandError(EXIT.failed, `The evaluation ${id} has no report.`);
  context.print(
    options.json
      ? JSON.stringify({ tenant, origin: api.origin, id, ...wanted, report }, null, 2)
      : showReport(report),
  );
}

async function start(api: ApiClient, wanted: StartEvaluation): Promise<string> {
  const answer = await api.ask('/v1/evaluations', { method: 'POST', body: wanted });
  if (answer.status === 404) throw notFoundOf(answer.body);
  return evaluationSchema.parse(answer.body).id;
}
