import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, jobSchema } from '@rlaas/schemas';
import type { ApiClient } from '../apply/api-client.ts';
import { patiently } from '../apply/patiently.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { progressBar } from './progress-bar.ts';

const POLL_MS = 500;
/** A service that restarts is waited for; the job goes on by itself. */
const AWAY_MS = 60_000;

/**
 * Waits for the end of a job, and draws how far it is where there is a terminal.
 * @returns the job, which has succeeded
 * @throws CommandError when it failed or was cancelled, or the installation does not answer
 */
export async function followJob(
  { progress: draw }: Pick<CommandContext, 'progress'>,
  api: ApiClient,
  id: string,
): Promise<Job> {
  try {
    for (;;) {
      const job = await readJob(api, id);
      if (job.status === 'succeeded') return job;
      if (job.status === 'failed') {
        throw new CommandError(EXIT.failed, `The job failed: ${job.error?.message ?? 'no reason is known'}`);
      }
      if (job.status === 'cancelled') throw new CommandError(EXIT.failed, 'The job was cancelled.');
      draw?.(job.progress ? progressBar(job.progress) : 'waiting for its turn');
      await sleep(POLL_MS);
    }
  } finally {
    draw?.('');
  }
}

async function readJob(api: ApiClient, id: string): Promise<Job> {
  const path = `/v1/jobs/${id}`;
  const answer = await patiently(() => api.ask(path), { forMs: AWAY_MS }).catch((error: unknown) => {
    if (!(error instanceof CommandError) || !error.passes) throw error;
    const message = `${error.message}\nThe job goes on when the services are back: GET ${path} tells how far it is.`;
    throw new CommandError(error.exitCode, message, { cause: error });
  });
  if (answer.status === 404) throw new CommandError(EXIT.failed, `The job ${id} is there no more.`);
  return jobSchema.parse(answer.body);
}
