import {
  type StartTrainingRun,
  type TrainingRunResult,
  trainingRunResultSchema,
  trainingRunSchema,
} from '@rlaas/schemas';
import { type ApiClient, notFoundOf } from '../apply/api-client.ts';
import { type ConnectOptions, connect } from '../apply/connect.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { followJob } from '../jobs/follow-job.ts';
import { table } from '../table.ts';
import { periodOf } from '../time-option.ts';

export interface TrainOptions extends ConnectOptions {
  from?: string;
  to?: string;
  passes: string;
  json?: boolean;
}

/**
 * `rlaas train`: lets a draft learn the rewards of a period, and waits for it. Interrupted, it leaves the run to the
 * installation.
 */
export async function trainCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: TrainOptions,
): Promise<void> {
  const wanted = {
    policy,
    version,
    ...periodOf(context, options),
    passes: passesOf(options.passes),
  };
  const { api, tenant } = await connect(context, options);
  const id = await start(api, wanted);
  if (!options.json) {
    context.print(`tenant ${tenant} at ${api.origin}`);
    context.print(`training run ${id}: ${policy}/${version}; it goes on when this command is interrupted`);
  }
  const job = await followJob(context, api, id);
  const result = trainingRunResultSchema.parse(job.result);
  context.print(
    options.json
      ? JSON.stringify({ tenant, origin: api.origin, id, ...wanted, result }, null, 2)
      : showResult(result),
  );
}

async function start(api: ApiClient, wanted: StartTrainingRun): Promise<string> {
  const answer = await api.ask('/v1/training-runs', { method: 'POST', body: wanted });
  if (answer.status === 404) throw notFoundOf(answer.body);
  return trainingRunSchema.parse(answer.body).id;
}

function showResult(result: TrainingRunResult): string {
  return table(
    ['training run', ''],
    [
      ['decisions learned', String(result.decisions - result.unusable)],
      ['unusable decisions', String(result.unusable)],
      ['open windows, left out', String(result.open_windows)],
      [
        'progressive mean loss',
        result.mean_loss === null ? 'predicts nothing' : result.mean_loss.toPrecision(6),
      ],
      ['seconds', result.seconds.toFixed(1)],
      ['checkpoint', String(result.checkpoint)],
    ],
  );
}

function passesOf(text: string): number {
  if (!/^([1-9]|1\d|20)$/.test(text))
    throw new CommandError(EXIT.usage, '--passes is a number from 1 to 20.');
  return Number(text);
}
