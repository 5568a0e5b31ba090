import { join, relative } from 'node:path';
import { checkReward } from '../apply/check-rewards.ts';
import { type ConnectOptions, connect } from '../apply/connect.ts';
import { createHttpPolicyServer } from '../apply/http-policy-server.ts';
import { type PolicyPlan, blockersOf, planPolicy, stepsOf } from '../apply/plan.ts';
import type { PolicyServer, Step } from '../apply/policy-server.ts';
import { showPlan, showStep } from '../apply/show-plan.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { readPolicyFiles } from '../policy-files/policy-files.ts';
import type { FileMistake } from '../policy-files/policy-text.ts';
import { showMistakes } from '../policy-files/show-mistakes.ts';

export interface ApplyOptions extends ConnectOptions {
  yes?: boolean;
  dryRun?: boolean;
  overwrite?: boolean;
  json?: boolean;
}

/** What happened, for programs; `failed` names the step that was refused. */
interface Outcome {
  result: 'nothing_to_do' | 'planned' | 'applied' | 'refused' | 'failed' | 'not_confirmed';
  done: Step[];
  failed?: { step: Step; message: string };
}

/**
 * `rlaas apply`: plans what makes an installation have what the policy files say, shows it, asks, does it. Every step
 * can be made again, so a run that broke off is finished by the next one.
 */
export async function applyCommand(
  context: CommandContext,
  paths: readonly string[],
  options: ApplyOptions,
): Promise<void> {
  const read = await readPolicyFiles(paths.length > 0 ? paths : [defaultFolder(context.root)]);
  if (!read.ok) {
    refuse(context, read.mistakes, options);
    return;
  }
  const { api, tenant } = await connect(context, options);
  const server = createHttpPolicyServer(api);
  const plans: PolicyPlan[] = [];
  const mistakes: FileMistake[] = [];
  for (const file of read.files) {
    const plan = planPolicy(file, await server.read(file.policy), options.overwrite === true);
    const checked = await checkReward(file, server);
    mistakes.push(...checked.mistakes);
    // Of what stays as it is everything was said when it was made.
    const changes = plan.items.some(({ what, action }) => what === 'reward' && action !== 'unchanged');
    plans.push(changes ? { ...plan, notes: [...plan.notes, ...checked.notes] } : plan);
  }
  refuse(context, mistakes, options);

  if (!options.json) {
    context.print(`tenant ${tenant} at ${api.origin}`);
    for (const [index, plan] of plans.entries()) context.print(showPlan(plan, read.files[index]?.path ?? ''));
  }
  const outcome = await carryOut(context, server, plans, options);
  if (options.json) {
    context.print(
      JSON.stringify({ tenant, origin: api.origin, ...outcome, plans: plans.map(planOf) }, null, 2),
    );
  }
  end(outcome, plans);
}

/** @throws CommandError when there is a mistake */
function refuse(context: CommandContext, mistakes: readonly FileMistake[], { json }: ApplyOptions): void {
  if (mistakes.length === 0) return;
  if (json) context.print(JSON.stringify({ result: 'mistakes', mistakes }, null, 2));
  throw new CommandError(EXIT.configuration, `${showMistakes(mistakes)}\nNothing was sent.`);
}

async function carryOut(
  context: CommandContext,
  server: PolicyServer,
  plans: readonly PolicyPlan[],
  options: ApplyOptions,
): Promise<Outcome> {
  const say = (line: string): void => {
    if (!options.json) context.print(line);
  };
  const steps = plans.flatMap(stepsOf);
  if (plans.some((plan) => blockersOf(plan).length > 0)) return { result: 'refused', done: [] };
  if (steps.length === 0) {
    say('nothing to do');
    return { result: 'nothing_to_do', done: [] };
  }
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  if (options.dryRun) {
    say(`${count} to do; nothing was sent`);
    return { result: 'planned', done: [] };
  }
  if (!options.yes) {
    if (options.json || !context.confirm) {
      throw new CommandError(EXIT.usage, 'There is nobody to ask: say --yes or --dry-run. Nothing was sent.');
    }
    if (!(await context.confirm(`Make these changes (${count})?`)))
      return { result: 'not_confirmed', done: [] };
  }
  const done: Step[] = [];
  for (const step of steps) {
    try {
      await server.make(step);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { result: 'failed', done, failed: { step, message: error.message } };
    }
    done.push(step);
    say(`  [${done.length}/${steps.length}] ${showStep(step)}`);
  }
  say(`applied ${count}`);
  return { result: 'applied', done };
}

/** @throws CommandError unless there was nothing to do, or all of it was done or only to be shown */
function end({ result, done, failed }: Outcome, plans: readonly PolicyPlan[]): void {
  if (result === 'refused') {
    const what = plans.flatMap((plan) =>
      blockersOf(plan).map((item) => {
        const name = item.what === 'version' ? `version ${item.name}` : `the ${item.what}`;
        return `  ${plan.policy}: ${name}: ${item.action}: ${item.detail}`;
      }),
    );
    throw new CommandError(EXIT.failed, `Nothing was sent, because of\n${what.join('\n')}`);
  }
  if (result === 'not_confirmed') throw new CommandError(EXIT.failed, 'Nothing was sent.');
  if (failed) {
    const before = done.length === 0 ? 'Nothing was done' : `Done before: ${done.map(showStep).join('; ')}`;
    throw new CommandError(
      EXIT.failed,
      `${failed.message}\n${before}. What is done stays; run the same command again, and it goes on from there.`,
    );
  }
}

function planOf(plan: PolicyPlan) {
  return {
    policy: plan.policy,
    notes: plan.notes,
    items: plan.items.map(({ what, name, action, differences, detail }) => ({
      what,
      name,
      action,
      differences,
      detail,
    })),
  };
}

function defaultFolder(root: string): string {
  const folder = join(root, 'config', 'policies');
  const near = relative(process.cwd(), folder);
  return near === '' ? '.' : near.startsWith('..') ? folder : near;
}
