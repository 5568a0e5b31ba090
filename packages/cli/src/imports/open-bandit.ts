import { parseTime } from './parse-time.ts';
import { type RowMapper, checkedEvents, readPropensity, refused } from './row-mapper.ts';

/** Columns without which a file is not of the Open Bandit Dataset. */
export const OPEN_BANDIT_COLUMNS = [
  'timestamp',
  'item_id',
  'position',
  'click',
  'propensity_score',
  'user_feature_0',
  'user_feature_1',
  'user_feature_2',
  'user_feature_3',
] as const;

const USER_FEATURES = OPEN_BANDIT_COLUMNS.filter((name) => name.startsWith('user_feature_'));
/** The set does not say when a click came. */
const CLICK_AFTER_MS = 1_000;

/** The number of an item, from 0; `undefined` where there is none. */
export function itemOf(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/**
 * Rows of the Open Bandit Dataset: an item shown at a position to a user with four features, and whether it was clicked.
 * The position is text in the context: it is a name, not an amount.
 * @param items how many items the campaign has; the actions are `item-0` and so on
 */
export function openBanditMapper(policy: string, items: number): RowMapper {
  const actions = Array.from({ length: items }, (_, item) => ({ id: `item-${item}` }));
  return ({ line, values }, { source, idOf }) => {
    const occurredAt = parseTime(values['timestamp']);
    if (occurredAt === undefined)
      return refused(`timestamp ${JSON.stringify(values['timestamp'])} is no time`);
    const item = itemOf(values['item_id']);
    if (item === undefined || item >= items) {
      return refused(`item_id ${JSON.stringify(values['item_id'])} is none of the ${items} items, from 0`);
    }
    const read = readPropensity(values['propensity_score']);
    if ('reason' in read) return refused(read.reason);
    const click = values['click'];
    if (click !== '0' && click !== '1') return refused(`click ${JSON.stringify(click)} is neither 0 nor 1`);
    const decision = idOf(`${line} decision`);
    return checkedEvents([
      {
        id: decision,
        type: 'decision',
        occurred_at: occurredAt,
        source,
        policy,
        data: {
          context: {
            position: values['position'],
            ...Object.fromEntries(USER_FEATURES.map((name) => [name, values[name]])),
          },
          actions,
          chosen: item,
          propensity: read.propensity,
          policy_version: null,
          checkpoint: null,
          mode: 'live',
        },
      },
      {
        id: idOf(`${line} outcome`),
        type: 'outcome',
        occurred_at: new Date(Date.parse(occurredAt) + CLICK_AFTER_MS).toISOString(),
        source,
        decision_id: decision,
        data: { name: 'click', value: Number(click) },
      },
    ]);
  };
}
