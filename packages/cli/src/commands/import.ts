import { resolve } from 'node:path';
import { type Policy, nameSchema } from '@rlaas/schemas';
import { type ConnectOptions, connect } from '../apply/connect.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { type ColumnMapping, columnMapper, namedColumns } from '../imports/column-mapper.ts';
import { csvRows } from '../imports/csv-rows.ts';
import { eventMapper } from '../imports/event-mapper.ts';
import type { ImportServer } from '../imports/import-server.ts';
import { jsonlRows } from '../imports/jsonl-rows.ts';
import { OPEN_BANDIT_COLUMNS, openBanditMapper } from '../imports/open-bandit.ts';
import { countItems } from '../imports/count-items.ts';
import { refused } from '../imports/row-mapper.ts';
import { type ImportRun, type RunOptions, runImports } from '../imports/run-imports.ts';
import { typedText } from '../imports/typed-text.ts';
import type { Interruptions } from './dev.ts';

type CommonOptions = ConnectOptions & RunOptions;

export interface OpenBanditOptions extends CommonOptions {
  policy: string;
  items?: number;
}

export interface ColumnOptions extends CommonOptions {
  policy?: string;
  time?: string;
  action?: string;
  propensity?: string;
  reward?: string;
  outcome: string;
  context?: string[];
  actions?: string;
  actionsFromPolicy?: boolean;
  id?: string;
  episode?: string;
}

export interface CsvOptions extends ColumnOptions {
  delimiter: string;
  /** Columns that stay text. */
  text?: string[];
}

const MOST_ACTIONS = 1_000;

/** `rlaas import open-bandit`: files of the Open Bandit Dataset. */
export async function importOpenBanditCommand(
  context: CommandContext,
  paths: readonly string[],
  options: OpenBanditOptions,
  interruptions: Interruptions,
): Promise<void> {
  await run(context, paths, options, interruptions, async (files, server, signal) => {
    await requirePolicy(server, options.policy);
    const rows = (text: AsyncIterable<string>, path: string) =>
      csvRows(text, { path, delimiter: ',', required: OPEN_BANDIT_COLUMNS });
    const items = options.items ?? (await countItems(files, rows, signal));
    if (items > MOST_ACTIONS) {
      throw new CommandError(
        EXIT.usage,
        `A decision has at most ${MOST_ACTIONS} actions, not ${items} items.`,
      );
    }
    return { rows, map: openBanditMapper(options.policy, items) };
  });
}

/** `rlaas import csv`: a table with one decision in each row. */
export async function importCsvCommand(
  context: CommandContext,
  paths: readonly string[],
  options: CsvOptions,
  interruptions: Interruptions,
): Promise<void> {
  const stayText = new Set(options.text);
  const mapping = mappingOf(options, (column, raw) => {
    if (typeof raw !== 'string') return raw;
    return stayText.has(column) && raw !== '' ? raw : typedText(raw);
  });
  if (!mapping) throw new CommandError(EXIT.usage, ALL_FOUR);
  await run(context, paths, options, interruptions, async (_files, server) => {
    const settled = await withActions(server, mapping, options);
    const required = [...namedColumns(settled), ...stayText];
    return {
      rows: (text, path) => csvRows(text, { path, delimiter: options.delimiter, required }),
      map: columnMapper(settled),
    };
  });
}

/** `rlaas import jsonl`: an object in each line, which is a row or a whole event. */
export async function importJsonlCommand(
  context: CommandContext,
  paths: readonly string[],
  options: ColumnOptions,
  interruptions: Interruptions,
): Promise<void> {
  const mapping = mappingOf(options, (_column, raw) => raw);
  await run(context, paths, options, interruptions, async (_files, server) => {
    const other = mapping
      ? columnMapper(await withActions(server, mapping, options))
      : () => refused(`is no event, and no members were named: ${ALL_FOUR}`);
    return { rows: jsonlRows, map: eventMapper(other) };
  });
}

async function run(
  context: CommandContext,
  paths: readonly string[],
  options: CommonOptions,
  interruptions: Interruptions,
  formatOf: ImportRun['formatOf'],
): Promise<void> {
  const { rejects } = options;
  if (rejects !== undefined && paths.some((path) => resolve(path) === resolve(rejects))) {
    throw new CommandError(EXIT.usage, '--rejects names a file that is to be imported.');
  }
  const { api, tenant } = await connect(context, options);
  await runImports({ context, api, tenant, paths, options, interruptions, formatOf });
}

const ALL_FOUR = 'rows want --policy, --time, --action and --propensity.';

/** What options say of columns, before the actions are known; `undefined` when they say nothing. */
function mappingOf(
  options: ColumnOptions,
  valueOf: ColumnMapping['valueOf'],
): Omit<ColumnMapping, 'actions'> | undefined {
  const { policy, time, action, propensity, reward, outcome, context, id, episode } = options;
  if (policy === undefined || time === undefined || action === undefined || propensity === undefined) {
    const { actions, actionsFromPolicy } = options;
    const any = [policy, time, action, propensity, reward, context, id, episode, actions, actionsFromPolicy];
    if (any.some((option) => option !== undefined)) throw new CommandError(EXIT.usage, ALL_FOUR);
    return undefined;
  }
  if ((options.actions === undefined) === (options.actionsFromPolicy !== true)) {
    throw new CommandError(
      EXIT.usage,
      'Say where the choices are: --actions COLUMN for a column with a JSON list, or --actions-from-policy.',
    );
  }
  if (!nameSchema.safeParse(outcome).success) {
    throw new CommandError(EXIT.usage, `--outcome ${JSON.stringify(outcome)} is no name: a-z, 0-9 and "-".`);
  }
  return {
    policy,
    time,
    action,
    propensity,
    ...(reward === undefined ? {} : { reward: { column: reward, outcome } }),
    ...(context === undefined ? {} : { context }),
    ...(id === undefined ? {} : { id }),
    ...(episode === undefined ? {} : { episode }),
    valueOf,
  };
}

async function withActions(
  server: ImportServer,
  mapping: Omit<ColumnMapping, 'actions'>,
  options: ColumnOptions,
): Promise<ColumnMapping> {
  const policy = await requirePolicy(server, mapping.policy);
  if (options.actions !== undefined) return { ...mapping, actions: { column: options.actions } };
  if (!policy) {
    throw new CommandError(
      EXIT.configuration,
      '--actions-from-policy wants a key with the scope policies:read.',
    );
  }
  const { actions } = policy.configuration;
  if (!actions) {
    throw new CommandError(
      EXIT.usage,
      `The policy ${policy.name} declares no actions: use --actions COLUMN.`,
    );
  }
  // Descriptions are for people and have no place in a decision.
  const listed = actions.map(({ id, features }) => (features === undefined ? { id } : { id, features }));
  return { ...mapping, actions: { listed } };
}

/**
 * The policy, `undefined` where the key may not look: what is brought in cannot be taken back, and a misspelt name
 * would bring it to nobody.
 */
async function requirePolicy(server: ImportServer, name: string): Promise<Policy | undefined> {
  const policy = nameSchema.safeParse(name).success ? await server.findPolicy(name) : 'missing';
  if (policy === 'missing') {
    throw new CommandError(EXIT.usage, `There is no policy "${name}"; "rlaas apply" makes one.`);
  }
  return policy === 'hidden' ? undefined : policy;
}
