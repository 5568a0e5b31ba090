import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import {
  type CheckpointsOptions,
  type PinOptions,
  listCheckpointsCommand,
  pinCommand,
} from './checkpoints.ts';
import {
  type ApproveOptions,
  type ListRolloutsOptions,
  type RollBackOptions,
  type RolloutOptions,
  advanceRolloutCommand,
  approveRolloutCommand,
  listRolloutsCommand,
  rollBackCommand,
  showRolloutCommand,
  startRolloutCommand,
} from './rollout.ts';

/** `rlaas rollout`: versions on their way from shadow to active, and back. */
export function addRolloutCommands(program: Command, context: CommandContext): void {
  const rollout = program
    .command('rollout')
    .description('take versions from shadow to active, and back (RLAAS_API_KEY, RLAAS_BASE_URL)');
  const command = (usage: string, description: string): Command =>
    rollout
      .command(usage)
      .description(description)
      .option('--tenant <slug>', 'refuse a key of any other tenant')
      .option('--base-url <url>', 'where the installation is (default: http://127.0.0.1:8080)')
      .option('--key <key>', 'the key; RLAAS_API_KEY does not show in the list of processes')
      .option('--json', 'print JSON');

  command(
    'start <policy> <version>',
    'begin to test a draft, or a version in shadow, against what serves',
  ).action((policy: string, version: string, options: RolloutOptions) =>
    startRolloutCommand(context, policy, version, options),
  );
  command('list [policy]', 'list the rollouts that go on, the newest first')
    .option('--all', 'also those that have ended')
    .action((policy: string | undefined, options: ListRolloutsOptions) =>
      listRolloutsCommand(context, policy, options),
    );
  command('show <policy> <version>', 'show how far a version is, what it waits for, and every step').action(
    (policy: string, version: string, options: RolloutOptions) =>
      showRolloutCommand(context, policy, version, options),
  );
  command('advance <policy> <version>', 'take the next step now, if the gate has passed').action(
    (policy: string, version: string, options: RolloutOptions) =>
      advanceRolloutCommand(context, policy, version, options),
  );
  command('approve <policy> <version>', 'take the next step because you say so; it is stored with your key')
    .requiredOption('--reason <text>', 'why, for those who ask later')
    .option('--to <share>', 'the step that you mean, such as 0.25 or active: any other one is refused')
    .option('--yes', 'do it without asking')
    .action((policy: string, version: string, options: ApproveOptions) =>
      approveRolloutCommand(context, policy, version, options),
    );
  command('rollback <policy> <version>', 'take all traffic away from a version, for ever')
    .requiredOption('--reason <text>', 'why, for those who ask later')
    .option('--yes', 'do it without asking')
    .action((policy: string, version: string, options: RollBackOptions) =>
      rollBackCommand(context, policy, version, options),
    );
  command('checkpoints <policy> <version>', 'list what a version had learned, the newest first').action(
    (policy: string, version: string, options: CheckpointsOptions) =>
      listCheckpointsCommand(context, policy, version, options),
  );
  command('pin <policy> <version>', 'let a version decide by one checkpoint, while it learns on')
    .option('--checkpoint <number>', 'by this one')
    .option('--newest', 'by the newest again, as they come')
    .option('--yes', 'do it without asking')
    .action((policy: string, version: string, options: PinOptions) =>
      pinCommand(context, policy, version, options),
    );
}
