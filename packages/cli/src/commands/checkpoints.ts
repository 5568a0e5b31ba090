import { type Checkpoint, checkpointSchema, pageSchema, policyVersionSchema } from '@rlaas/schemas';
import type { z } from 'zod';
import { notFoundOf } from '../apply/api-client.ts';
import { type ConnectOptions, connect } from '../apply/connect.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { listCheckpoints } from '../rollouts/show-checkpoints.ts';
import { versionPath } from '../rollouts/version-path.ts';
import { confirmed } from './confirmed.ts';

export interface CheckpointsOptions extends ConnectOptions {
  json?: boolean;
}
export interface PinOptions extends CheckpointsOptions {
  checkpoint?: string;
  newest?: boolean;
  yes?: boolean;
}

const checkpointPageSchema = pageSchema(checkpointSchema);

export async function listCheckpointsCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: CheckpointsOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  const path = versionPath(policy, version);
  const { status, body } = await api.ask(path);
  if (status === 404) throw notFoundOf(body);
  const found = policyVersionSchema.parse(body);
  const checkpoints: Checkpoint[] = [];
  let cursor: string | null = null;
  do {
    const query: URLSearchParams = new URLSearchParams({ limit: '100' });
    if (cursor !== null) query.set('cursor', cursor);
    const page: z.infer<typeof checkpointPageSchema> = checkpointPageSchema.parse(
      (await api.ask(`${path}/checkpoints?${query.toString()}`)).body,
    );
    checkpoints.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  if (options.json)
    context.print(JSON.stringify({ pinned_checkpoint: found.pinned_checkpoint, checkpoints }, null, 2));
  else if (checkpoints.length > 0) context.print(listCheckpoints(checkpoints, found));
  else context.print(`Version "${version}" has no checkpoint yet: it has learned nothing.`);
}

export async function pinCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: PinOptions,
): Promise<void> {
  const { checkpoint, newest } = options;
  if ((checkpoint === undefined) === (newest === undefined)) {
    throw new CommandError(EXIT.usage, 'Say one of --checkpoint <number> and --newest.');
  }
  if (checkpoint !== undefined && !/^[1-9]\d{0,8}$/.test(checkpoint)) {
    throw new CommandError(EXIT.usage, `--checkpoint ${checkpoint}: must be a number from 1.`);
  }
  const { api } = await connect(context, options);
  const which = checkpoint === undefined ? 'its newest checkpoint' : `checkpoint ${checkpoint}`;
  await confirmed(context, options, `Let ${policy}/${version} decide by ${which}?`);
  const { status, body } = await api.ask(`${versionPath(policy, version)}/pin`, {
    method: 'POST',
    body: { checkpoint: checkpoint === undefined ? null : Number(checkpoint) },
  });
  if (status === 404) throw notFoundOf(body);
  if (options.json) context.print(JSON.stringify(policyVersionSchema.parse(body), null, 2));
  else context.print(`${policy}/${version} decides by ${which}. It learns on.`);
}
