import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { listenForInterruptions } from '../interruptions.ts';
import {
  type ColumnOptions,
  type CsvOptions,
  type OpenBanditOptions,
  importCsvCommand,
  importJsonlCommand,
  importOpenBanditCommand,
} from './import.ts';

const names = (value: string, before: string[] = []): string[] => [...before, ...value.split(',')];

/** `rlaas import` and its three forms. */
export function addImportCommands(program: Command, context: CommandContext): void {
  const group = program
    .command('import')
    .description('bring in past decisions with their outcomes (RLAAS_API_KEY, RLAAS_BASE_URL)');

  common(
    group
      .command('open-bandit <files...>')
      .description('files of the Open Bandit Dataset; also .csv.gz')
      .requiredOption('--policy <name>', 'the policy they are decisions of')
      .option('--items <n>', 'items of the campaign (default: by the largest id in the files)', positive),
  ).action((files: string[], options: OpenBanditOptions) =>
    importOpenBanditCommand(context, files, options, listenForInterruptions()),
  );

  common(
    columns(group.command('csv <files...>').description('tables with a decision in each row; also .gz'))
      .option('--delimiter <character>', 'what stands between fields', ',')
      .option('--text <columns>', 'columns that stay text though they look like numbers', names),
  ).action((files: string[], options: CsvOptions) =>
    importCsvCommand(context, files, options, listenForInterruptions()),
  );

  common(
    columns(
      group
        .command('jsonl <files...>')
        .description('an object in each line: a row, or a whole decision or outcome event; also .gz'),
    ),
  ).action((files: string[], options: ColumnOptions) =>
    importJsonlCommand(context, files, options, listenForInterruptions()),
  );
}

function columns(command: Command): Command {
  return command
    .option('--policy <name>', 'the policy they are decisions of')
    .option('--time <column>', 'when it was decided')
    .option('--action <column>', 'id of the chosen action')
    .option('--propensity <column>', 'probability with which it was chosen, in (0, 1]')
    .option('--reward <column>', 'what followed; an empty one: nothing is known')
    .option('--outcome <name>', 'name of the outcome that --reward becomes', 'reward')
    .option('--context <columns>', 'features, separated by commas (default: all other columns)', names)
    .option('--actions <column>', 'the choices: a JSON list of ids, or of objects with id and features')
    .option('--actions-from-policy', 'the choices are those that the policy declares')
    .option('--id <column>', 'key of the row, unique in the file (default: number of its line)')
    .option('--episode <column>', 'the episode that the decision belongs to');
}

function common(command: Command): Command {
  return command
    .option('--dry-run', 'look at all rows, and send nothing')
    .option('--rejects <file>', 'write the rows that are refused, with the reasons, as JSON lines')
    .option('--tenant <slug>', 'refuse a key of any other tenant')
    .option('--base-url <url>', 'where the installation is (default: http://127.0.0.1:8080)')
    .option('--key <key>', 'the key; RLAAS_API_KEY does not show in the list of processes');
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It is a whole number from 1.');
  return number;
}
