import {
  type Rollout,
  type RolloutDetails,
  policyVersionSchema,
  rolloutDetailsSchema,
  rolloutPageSchema,
} from '@rlaas/schemas';
import { type ApiClient, notFoundOf } from '../apply/api-client.ts';
import { type ConnectOptions, connect } from '../apply/connect.ts';
import { patiently } from '../apply/patiently.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { confirmed } from './confirmed.ts';
import { listRollouts, percent, showRollout } from '../rollouts/show-rollout.ts';
import { versionPath } from '../rollouts/version-path.ts';

export interface RolloutOptions extends ConnectOptions {
  json?: boolean;
}
export interface ListRolloutsOptions extends RolloutOptions {
  all?: boolean;
}
export interface RollBackOptions extends RolloutOptions {
  reason: string;
  yes?: boolean;
}
export interface ApproveOptions extends RollBackOptions {
  /** The step that is meant: a share, or `active`. */
  to?: string;
}

/** How long a service that restarts is waited for when somebody wants to stop something. */
const AWAY_MS = 60_000;

export async function startRolloutCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: RolloutOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  const { status, body } = await api.ask('/v1/rollouts', { method: 'POST', body: { policy, version } });
  if (status === 404) throw notFoundOf(body);
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
  else context.print(await nothingListed(api, policy, options));
}

export async function showRolloutCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: RolloutOptions,
): Promise<void> {
  const { api } = await connect(context, options);
  const rollout = await newestOf(api, policy, version);
  print(context, rollout, options);
  if (options.json) return;
  const held = policyVersionSchema.parse(
    (await api.ask(versionPath(policy, version))).body,
  ).pinned_checkpoint;
  if (held !== null) context.print(`\nThe version is held to checkpoint ${held} ("rlaas rollout pin").`);
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
  const reason = reasonOf(options);
  const wanted = options.to === undefined ? undefined : shareOf(options.to);
  const { api } = await connect(context, options);
  const rollout = await newestOf(api, policy, version);
  const { id, revision, stage, share, settings } = rollout;
  const next = settings.canary_steps.find((step) => step > share) ?? 1;
  if (stage !== 'ended' && wanted !== undefined && next !== wanted) {
    throw new CommandError(
      EXIT.failed,
      `The next step of ${policy}/${version} is ${stepText(next)}, not ${stepText(wanted)}: it is ${stage}, with ${percent(share)} of the traffic. Nothing was changed.`,
    );
  }
  if (!options.yes && !options.json) context.print(showRollout(rollout));
  const question = `Give ${policy}/${version} ${stepText(next)}? It has ${percent(share)}.`;
  await confirmed(context, options, question);
  print(context, await move(api, id, 'approve', { revision, reason }), options);
}

export async function rollBackCommand(
  context: CommandContext,
  policy: string,
  version: string,
  options: RollBackOptions,
): Promise<void> {
  const reason = reasonOf(options);
  const { api } = await connect(context, options);
  let isRepeated = false;
  const onAway = ({ message }: Error): void => {
    isRepeated = true;
    if (!options.json) context.print(`${message}\nTrying again …`);
  };
  const { id } = await patiently(() => newestOf(api, policy, version), { forMs: AWAY_MS, onAway });
  await confirmed(context, options, `Take all traffic away from ${policy}/${version}, for ever?`);
  // Whatever moved meanwhile: it must be possible to stop.
  const takeBack = async (): Promise<RolloutDetails> => {
    // The answer to an earlier try may have been lost.
    const now = isRepeated ? await newestOf(api, policy, version) : undefined;
    return now?.id === id && now.outcome === 'rolled_back' ? now : move(api, id, 'rollback', { reason });
  };
  print(context, await patiently(takeBack, { forMs: AWAY_MS, onAway }), options);
}

/** @throws CommandError when it is none */
function reasonOf({ reason }: RollBackOptions): string {
  const text = reason.trim();
  if (text === '' || text.length > 1_000) {
    throw new CommandError(EXIT.usage, '--reason must say why, in 1,000 characters at most.');
  }
  if (text.startsWith('--')) {
    throw new CommandError(EXIT.usage, `--reason ${text}: is that another flag? Write the reason in quotes.`);
  }
  return text;
}

/** @throws CommandError when it is none */
function shareOf(text: string): number {
  if (text === 'active') return 1;
  if (!/^(0?\.\d+|1(\.0+)?)$/.test(text)) {
    throw new CommandError(
      EXIT.usage,
      `--to ${text}: must be a share of the traffic such as 0.25, or "active".`,
    );
  }
  return Number(text);
}

function stepText(share: number): string {
  return share === 1 ? 'all of the traffic (active)' : `${percent(share)} of the traffic (canary)`;
}

/** Why a list is empty. @throws CommandError when there is no such policy */
async function nothingListed(
  api: ApiClient,
  policy: string | undefined,
  { all }: ListRolloutsOptions,
): Promise<string> {
  if (policy !== undefined) {
    const { status, body } = await api.ask(`/v1/policies/${encodeURIComponent(policy)}`);
    if (status === 404) throw notFoundOf(body);
  }
  const hint = 'Begin one with "rlaas rollout start <policy> <version>".';
  return all === true
    ? `There was no rollout yet. ${hint}`
    : `No rollout goes on; --all lists those that have ended. ${hint}`;
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
  const { status, body } = await api.ask(versionPath(policy, version));
  if (status === 404) throw notFoundOf(body);
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
