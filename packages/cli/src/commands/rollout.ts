import { type Rollout, type RolloutDetails, rolloutDetailsSchema, rolloutPageSchema } from '@rlaas/schemas';
import type { ApiClient } from '../apply/api-client.ts';
import { type ConnectOptions, connect } from '../apply/connect.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { confirmed } from './confirmed.ts';
import { listRollouts, showRollout } from '../rollouts/show-rollout.ts';

export interface RolloutOptions extends ConnectOptions {
  json?: boolean;
}
export interface ListRolloutsOptions extends RolloutOptions {
  all?: boolean;
}
export interface ApproveOptions extends RolloutOptions {
  reason: string;
  yes?: boolean;
}

export async function startRolloutCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: RolloutOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  const { status, body } = await api.ask('/v1/rollouts', { method: 'POST', body: { policy, version } });
  if (status === 404) throw new CommandError(EXIT.failed, `There is no version "${version}" of "${policy}".`);
  print(context, rolloutDetailsSchema.parse(body), options);
}

export async function listRolloutsCommand(
  context: CommandContext,
  policy: string | undefined,
  options: ListRolloutsOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  const rollouts: Rollout[] = [];
  let cursor: string | null = null;
  do {
    const query: URLSearchParams = new URLSearchParams({ limit: '100' });
    if (policy !== undefined) query.set('policy', policy);
    if (options.all !== true) query.set('open', 'true');
    if (cursor !== null) query.set('cursor', cursor);
    const page = rolloutPageSchema.parse((await api.ask(`/v1/rollouts?${query.toString()}`)).body);
    rollouts.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  if (options.json) context.print(JSON.stringify(rollouts, null, 2));
  else if (rollouts.length > 0) context.print(listRollouts(rollouts));
  else if (policy !== undefined && (await api.ask(`/v1/policies/${policy}`)).status === 404) {
    throw new CommandError(EXIT.failed, `There is no policy "${policy}".`);
  } else context.print(`No rollout goes on. Begin one with "rlaas rollout start <policy> <version>".`);
}

export async function showRolloutCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: RolloutOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  print(context, await newestOf(api, policy, version), options);
}

export async function advanceRolloutCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: RolloutOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  const { id, revision } = await newestOf(api, policy, version);
  print(context, await move(api, id, 'advance', { revision }), options);
}

export async function approveRolloutCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: ApproveOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  const rollout = await newestOf(api, policy, version);
  if (!options.json) context.print(showRollout(rollout));
  await confirmed(context, options, `Take ${policy}/${version} one step further?`);
  const { id, revision } = rollout;
  print(context, await move(api, id, 'approve', { revision, reason: options.reason }), options);
}

export async function rollBackCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: ApproveOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  const { id } = await newestOf(api, policy, version);
  await confirmed(context, options, `Take all traffic away from ${policy}/${version}, for ever?`);
  // Whatever moved meanwhile: it must be possible to stop.
  print(context, await move(api, id, 'rollback', { reason: options.reason }), options);
}

/** The newest rollout of a version. */
async function newestOf(api: ApiClient, policy: string, version: string): Promise<RolloutDetails> {
  let cursor: string | null = null;
  do {
    const query: URLSearchParams = new URLSearchParams({ policy, limit: '100' });
    if (cursor !== null) query.set('cursor', cursor);
    const page = rolloutPageSchema.parse((await api.ask(`/v1/rollouts?${query.toString()}`)).body);
    const found = page.items.find((one) => one.version === version);
    if (found) return rolloutDetailsSchema.parse((await api.ask(`/v1/rollouts/${found.id}`)).body);
    cursor = page.next_cursor;
  } while (cursor !== null);
  throw new CommandError(
    EXIT.failed,
    `There is no rollout of "${version}" of "${policy}". Begin one with "rlaas rollout start ${policy} ${version}".`,
  );
}

async function move(api: ApiClient, id: string, verb: string, body: object): Promise<RolloutDetails> {
  return rolloutDetailsSchema.parse(
    (await api.ask(`/v1/rollouts/${id}/${verb}`, { method: 'POST', body })).body,
  );
}

function print(context: CommandContext, rollout: RolloutDetails, { json }: RolloutOptions): void {
  context.print(json ? JSON.stringify(rollout, null, 2) : showRollout(rollout));
}
