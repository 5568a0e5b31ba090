import { parseTime } from './parse-time.ts';
import {
  type EventDraft,
  type MappedRow,
  type RowMapper,
  checkedEvents,
  readPropensity,
  refused,
} from './row-mapper.ts';

/** An action that could have been chosen. */
interface ListedAction {
  id: string;
  features?: unknown;
}

/** Which column or member of a row says what. */
export interface ColumnMapping {
  policy: string;
  time: string;
  action: string;
  propensity: string;
  /** What followed, as an outcome of this name; a row without a value has none. */
  reward?: { column: string; outcome: string };
  /** Features of the context; absent: all that nothing else names. */
  context?: readonly string[];
  /** Where the choices of a row are, or what they are for all rows. */
  actions: { column: string } | { listed: readonly ListedAction[] };
  /** Key of the row, unique in the file; absent: the number of its line. */
  id?: string;
  episode?: string;
  /** The value of a column as the source means it; `undefined`: there is none. */
  valueOf: (column: string, raw: unknown) => unknown;
}

/** The columns that a mapping names. */
export function namedColumns(mapping: ColumnMapping): string[] {
  const { time, action, propensity, reward, context, actions, id, episode } = mapping;
  const names = [
    time,
    action,
    propensity,
    reward?.column,
    ...(context ?? []),
    'column' in actions ? actions.column : undefined,
    id,
    episode,
  ];
  return names.filter((name) => name !== undefined);
}

/** Rows of any table: one decision each, and the outcome that followed. */
export function columnMapper(mapping: ColumnMapping): RowMapper {
  const named = new Set(namedColumns(mapping));
  return ({ line, values }, { source, idOf }) => {
    const occurredAt = parseTime(values[mapping.time]);
    if (occurredAt === undefined) return wrong(mapping.time, values[mapping.time], 'is no time');
    const read = readPropensity(values[mapping.propensity]);
    if ('reason' in read) return refused(read.reason);
    const action = textOf(values[mapping.action]);
    if (action === undefined) return wrong(mapping.action, values[mapping.action], 'names no action');
    const actions = actionsOf(mapping.actions, values);
    if (actions === undefined)
      return refused('has no JSON list of actions: ids, or objects with id and features');
    const chosen = actions.findIndex(({ id }) => id === action);
    if (chosen === -1) return refused(`${mapping.action} ${JSON.stringify(action)} is not among its actions`);
    const key = mapping.id === undefined ? String(line) : textOf(values[mapping.id]);
    if (key === undefined) return refused(`${mapping.id} is empty`);
    const episode = mapping.episode === undefined ? undefined : textOf(values[mapping.episode]);
    const context = mapping.context ?? Object.keys(values).filter((name) => name !== '' && !named.has(name));
    const decision = idOf(`${key} decision`);
    const drafts: EventDraft[] = [
      {
        id: decision,
        type: 'decision',
        occurred_at: occurredAt,
        source,
        policy: mapping.policy,
        ...(episode === undefined ? {} : { episode_id: episode }),
        data: {
          context: Object.fromEntries(
            context
              .map((name) => [name, mapping.valueOf(name, values[name])] as const)
              .filter(([, value]) => value !== undefined),
          ),
          actions,
          chosen,
          propensity: read.propensity,
          policy_version: null,
          checkpoint: null,
          mode: 'live',
        },
      },
    ];
    const { reward } = mapping;
    const value = reward && mapping.valueOf(reward.column, values[reward.column]);
    if (reward && value !== undefined && value !== null) {
      drafts.push({
        id: idOf(`${key} outcome`),
        type: 'outcome',
        occurred_at: occurredAt,
        source,
        decision_id: decision,
        data: { name: reward.outcome, value },
      });
    }
    return checkedEvents(drafts);
  };
}

function actionsOf(
  actions: ColumnMapping['actions'],
  values: Readonly<Record<string, unknown>>,
): readonly ListedAction[] | undefined {
  if ('listed' in actions) return actions.listed;
  const raw = values[actions.column];
  const list = typeof raw === 'string' ? parsed(raw) : raw;
  if (!Array.isArray(list)) return undefined;
  const listed: ListedAction[] = [];
  for (const item of list as unknown[]) {
    const id = textOf(item);
    if (id !== undefined) listed.push({ id });
    else if (typeof item === 'object' && item !== null && 'id' in item) listed.push(item as ListedAction);
    else return undefined;
  }
  return listed;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Whoever asked says that this is no list.
    return undefined;
  }
}

/** Ids and keys may be written as numbers. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function wrong(column: string, value: unknown, what: string): MappedRow {
  const empty = value === undefined || value === null || value === '';
  return refused(empty ? `${column} is empty` : `${column} ${JSON.stringify(value).slice(0, 100)} ${what}`);
}
