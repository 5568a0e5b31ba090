import type { ExplainedReward, Reward, RewardComponents, RewardInput } from '@rlaas/schemas';
import type { EventFacts } from '../rewards/facts.ts';
import type { CompiledSpecification } from '../specifications/compile.ts';
import type { RewardRow } from '../store/reward-rows.ts';
import { explainEvents } from './explain-events.ts';
import { summarise } from './summary.ts';

/** What an explanation is made of. */
export interface Explainable {
  row: RewardRow;
  /** Of a reward that waits: what it would be by what is known. */
  soFar: { value: number | null; components: RewardComponents } | undefined;
  compiled: CompiledSpecification | undefined;
  events: readonly EventFacts[];
  others: readonly RewardRow[];
}

/** A stored reward as the API shows it. */
export function rewardOf(row: Omit<RewardRow, 'components'>): Reward {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    decision_id: row.decisionId,
    policy: row.policy,
    spec_version: row.specVersion,
    status: row.status,
    reason: row.reason,
    value: row.value,
    provisional:
      row.provisionalValue === null || row.provisionalAt === null
        ? null
        : { value: row.provisionalValue, at: time(row.provisionalAt) },
    occurred_at: time(row.occurredAt),
    deadline: Number.isFinite(row.deadline) ? time(row.deadline) : null,
    closed_at: row.closedAt === null ? null : time(row.closedAt),
    recomputed: row.recomputed,
  };
}

/** Why a reward is what it is, so that nothing has to be looked up. */
export function explainReward(given: Explainable): ExplainedReward {
  const { row, soFar, compiled, events, others } = given;
  const components = soFar?.components ?? row.components;
  const terms = compiled && components ? termsOf(compiled, components) : [];
  return {
    ...rewardOf(row),
    summary: summarise({ row, soFar, compiled, components, terms }),
    range: compiled ? [...compiled.definition.range] : [0, 0],
    inputs: compiled && components ? inputsOf(compiled, components) : [],
    terms,
    events: explainEvents(row, components, events, compiled),
    components,
    other_versions: others.map(rewardOf),
  };
}

function termsOf({ value }: CompiledSpecification, components: RewardComponents): ExplainedReward['terms'] {
  // Of an episode a share was added to it: the parts do not add up to that.
  if (components.by !== 'value' || components.credit) return [];
  const values = Object.fromEntries(
    Object.entries(components.inputs).map(([name, made]) => [name, made.value]),
  );
  return value.terms.flatMap(({ text, evaluate }) => {
    const result = evaluate({ ...values, ...components.graders });
    return result.ok ? [{ text, value: result.value }] : [];
  });
}

function inputsOf(
  { inputs, graders }: CompiledSpecification,
  components: RewardComponents,
): ExplainedReward['inputs'] {
  return [
    ...inputs.map(({ name, input }) => {
      const made = components.inputs[name];
      const from = made
        ? made.events.length > 0
          ? ('events' as const)
          : ('default' as const)
        : ('nothing' as const);
      return { name, value: made?.value ?? null, from, reads: readsOf(input), events: made?.events ?? [] };
    }),
    ...graders.map(({ name, reads }) => {
      const value = components.graders?.[name] ?? null;
      const from = value === null ? ('nothing' as const) : ('grader' as const);
      return { name, value, from, reads: `the grader "${name}" on ${reads.join(', ')}`, events: [] };
    }),
  ];
}

const HOW: Record<RewardInput['aggregate'], string> = {
  first: 'the first',
  last: 'the last',
  any: 'whether any',
  all: 'whether every',
  sum: 'the sum of every',
  mean: 'the mean of every',
  median: 'the median of every',
  min: 'the least',
  max: 'the largest',
  count: 'the number of events:',
};

/** What an input reads, in words. */
function readsOf({ aggregate, event, name, field, grader, scope }: RewardInput): string {
  const what = `${event}${name === undefined ? '' : ` "${name}"`}`;
  const part = field === undefined ? '' : ` (${field})`;
  const graded = grader === undefined ? '' : `, graded by ${grader}`;
  return `${HOW[aggregate]} ${what}${part} of the ${scope}${graded}`;
}
