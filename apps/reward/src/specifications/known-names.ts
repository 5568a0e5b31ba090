import { type RewardFinding, type RewardSpecification, similarName } from '@rlaas/schemas';

/** Names that events of a tenant have, by type, as far as the last of them tell. */
export type SeenNames = Readonly<Record<'outcome' | 'feedback', readonly string[]>>;

/**
 * Inputs whose events nobody has sent so far: it may be that they are yet to come, and it may be a slip of the pen.
 * Nothing is said of a type of which there are no events at all.
 */
export function unseenNames({ inputs }: RewardSpecification, seen: SeenNames): RewardFinding[] {
  return Object.entries(inputs).flatMap(([field, { event, name }]): RewardFinding[] => {
    if (name === undefined || (event !== 'outcome' && event !== 'feedback')) return [];
    const names = seen[event];
    if (names.length === 0 || names.includes(name)) return [];
    const near = similarName(name, names);
    return [
      {
        code: 'name_not_seen',
        path: `/inputs/${field}/name`,
        message: `none of the last ${event} events has the name "${name}"; ${
          near === undefined ? `they have ${names.slice(0, 10).join(', ')}` : `did you mean "${near}"?`
        }`,
      },
    ];
  });
}
