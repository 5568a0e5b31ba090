import { Command, Option } from 'commander';
import type { CommandContext } from './command-context.ts';
import { type ApplyOptions, applyCommand } from './commands/apply.ts';
import { devCommand } from './commands/dev.ts';
import { doctorCommand } from './commands/doctor.ts';
import { type EvaluateOptions, evaluateCommand } from './commands/evaluate.ts';
import { addImportCommands } from './commands/import-program.ts';
import {
  type CreateOptions,
  createKeyCommand,
  listKeysCommand,
  revokeKeyCommand,
  rotateKeyCommand,
} from './commands/key.ts';
import { migrateCommand } from './commands/migrate.ts';
import { addRolloutCommands } from './commands/rollout-program.ts';
import { seedCommand } from './commands/seed.ts';
import { type TrainOptions, trainCommand } from './commands/train.ts';
import { listenForInterruptions } from './interruptions.ts';

const repeatable = (value: string, before: string[] = []): string[] => [...before, ...value.split(',')];

const tenant = (): Option => new Option('--tenant <slug>', 'whose key it is');

/** Every command of `rlaas`, in the order of the help. */
export function buildProgram(context: CommandContext): Command {
  const program = new Command('rlaas')
    .exitOverride()
    .description('Runs and looks after an installation of RLaaS.')
    .showHelpAfterError('(add --help for what is possible)')
    .enablePositionalOptions();

  program
    .command('dev')
    .description('start a database and the four services here; Ctrl-C stops all of them')
    .option('--fresh', 'forget the data of earlier runs first')
    .option('--state <folder>', 'where data are kept between runs (default: .rlaas)')
    .action((options: { fresh?: boolean; state?: string }) =>
      devCommand(context, options, listenForInterruptions()),
    );

  program
    .command('migrate')
    .description(
      'bring the database up to date (DATABASE_OWNER_URL; makes the login of DATABASE_URL if it is missing)',
    )
    .action(() => migrateCommand(context));

  program
    .command('seed')
    .description(
      'put the example tenant acme-support, with a week of events, into the database (DATABASE_OWNER_URL)',
    )
    .action(() => seedCommand(context));

  program
    .command('apply [paths...]')
    .description('make an installation have what policy files say (RLAAS_API_KEY, RLAAS_BASE_URL)')
    .option('--dry-run', 'show what would be done, and end')
    .addOption(new Option('--yes', 'do it without asking').conflicts('dryRun'))
    .option('--overwrite', 'also what was changed through the API since')
    .option('--tenant <slug>', 'refuse a key of any other tenant')
    .option('--base-url <url>', 'where the installation is (default: http://127.0.0.1:8080)')
    .option('--key <key>', 'the key; RLAAS_API_KEY does not show in the list of processes')
    .option('--json', 'print one JSON document instead of lines')
    .addHelpText('after', '\nPaths are files, or folders with *.yaml in them (default: config/policies).')
    .action((paths: string[], options: ApplyOptions) => applyCommand(context, paths, options));

  addImportCommands(program, context);
  addRolloutCommands(program, context);
  program
    .command('train <policy> <version>')
    .description('let a draft learn the rewards of a period (RLAAS_API_KEY, RLAAS_BASE_URL)')
    .option('--from <time>', 'decisions that were made from then on, such as 2026-03-01 (default: all)')
    .option('--to <time>', 'and before then (default: now)')
    .option('--passes <count>', 'how often it goes over them, 1 to 20', '1')
    .option('--tenant <slug>', 'refuse a key of any other tenant')
    .option('--base-url <url>', 'where the installation is (default: http://127.0.0.1:8080)')
    .option('--key <key>', 'the key; RLAAS_API_KEY does not show in the list of processes')
    .option('--json', 'print one JSON document instead of lines')
    .action((policy: string, version: string, options: TrainOptions) =>
      trainCommand(context, policy, version, options),
    );

  program
    .command('evaluate <policy>')
    .description(
      'estimate what a policy would have earned from what was logged (RLAAS_API_KEY, RLAAS_BASE_URL)',
    )
    .option('--version <name>', 'a version, scored again by a checkpoint')
    .option('--checkpoint <number>', 'which one (default: the newest)')
    .option('--declared <file>', 'probabilities of a JSON or YAML file')
    .option('--baseline', 'the explored baseline')
    .option('--exploration <share>', 'of the baseline (default: that of the policy)')
    .option('--logged <version>', 'a version by the probabilities that were logged in shadow')
    .option('--logging', 'what decided itself: a check of everything else')
    .option('--from <time>', 'decisions that were made from then on, such as 2026-03-01 (default: all)')
    .option('--to <time>', 'and before then (default: now)')
    .option('--tenant <slug>', 'refuse a key of any other tenant')
    .option('--base-url <url>', 'where the installation is (default: http://127.0.0.1:8080)')
    .option('--key <key>', 'the key; RLAAS_API_KEY does not show in the list of processes')
    .option('--json', 'print one JSON document instead of lines')
    .addHelpText('after', '\nSay one of --version, --declared, --baseline, --logged and --logging.')
    .action((policy: string, options: EvaluateOptions) => evaluateCommand(context, policy, options));

  const key = program
    .command('key')
    .description('make, list, change over and revoke API keys (DATABASE_URL)');
  key
    .command('create')
    .description('make a key and print it, this once')
    .addOption(tenant())
    .option('--operator', 'an operator key, which manages tenants (DATABASE_OWNER_URL)')
    .requiredOption('--name <text>', 'what the key is for')
    .option('--kind <kind>', 'secret or publishable', 'secret')
    .option('--scope <scope>', 'what it may do; repeat it or separate by commas', repeatable)
    .option('--origin <origin>', 'who may use a publishable key; repeat it', repeatable)
    .option('--expires <when>', 'a duration such as 90d, or a time')
    .action((options: CreateOptions) => createKeyCommand(context, options));
  key
    .command('list')
    .description('list the keys of a tenant')
    .addOption(tenant())
    .action((options: { tenant?: string }) => listKeysCommand(context, options));
  key
    .command('rotate <id>')
    .description('make a successor with the same rights; the old key goes on for a while')
    .addOption(tenant())
    .option('--grace <duration>', 'how long the old key goes on', '24h')
    .action((id: string, options: { tenant?: string; grace: string }) =>
      rotateKeyCommand(context, id, options),
    );
  key
    .command('revoke <id>')
    .description('refuse a key from now on')
    .addOption(tenant())
    .action((id: string, options: { tenant?: string }) => revokeKeyCommand(context, id, options));

  program
    .command('doctor')
    .description('say what is wrong with this machine or installation, and how to mend it')
    .option('--docker', 'also ask for Docker, which "make up" needs')
    .action((options: { docker?: boolean }) => doctorCommand(context, options));

  return program;
}
