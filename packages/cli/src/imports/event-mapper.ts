import { type MappedRow, type RowMapper, checkedEvents, refused } from './row-mapper.ts';

/** Members of a decision's data that are ids of other decisions or of their group. */
const DATA_IDS = ['sticky_of', 'group_id', 'supersedes'] as const;

/**
 * Whole events as rows: decisions and outcomes. Ids follow from the event's own, and so do references, so that what
 * belonged together in the file still does.
 * @param other what is done with a row that is no event
 */
export function eventMapper(other: RowMapper): RowMapper {
  return (row, envelope) => {
    const { type, id, decision_id: decisionId, data, ...rest } = row.values;
    if (typeof type !== 'string' || typeof data !== 'object' || data === null) return other(row, envelope);
    if (type !== 'decision' && type !== 'outcome') {
      return refused(`events of type ${JSON.stringify(type)} are not imported, decision and outcome are`);
    }
    if (id !== undefined && typeof id !== 'string') return refused('id must be a text');
    const of = (own: unknown): unknown => (typeof own === 'string' ? envelope.idOf(own) : own);
    const reason = type === 'decision' ? withoutPropensity(data) : undefined;
    if (reason) return reason;
    return checkedEvents([
      {
        ...rest,
        type,
        id: envelope.idOf(id ?? String(row.line)),
        source: rest['source'] ?? envelope.source,
        ...(decisionId === undefined ? {} : { decision_id: of(decisionId) }),
        data:
          type === 'decision'
            ? Object.fromEntries(
                Object.entries(data).map(([name, value]) => [
                  name,
                  (DATA_IDS as readonly string[]).includes(name) ? of(value) : value,
                ]),
              )
            : data,
      },
    ]);
  };
}

function withoutPropensity(data: object): MappedRow | undefined {
  return 'propensity' in data && data.propensity !== null ? undefined : refused('has no propensity');
}
