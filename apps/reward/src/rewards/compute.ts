import type { RewardComponents, RewardStatus } from '@rlaas/schemas';
import type { EvaluationResult } from '../expressions/expression.ts';
import type { CompiledSpecification } from '../specifications/compile.ts';
import type { DecisionFacts, EventFacts } from './facts.ts';
import { gradeInputs } from './grade-inputs.ts';
import { BEFORE_MS, type Selection, selectEvents } from './select-events.ts';

/** A closed reward. */
export interface Computed {
  status: Exclude<RewardStatus, 'pending'>;
  /** Why it is inactive, or the kind of its error. */
  reason: string | null;
  value: number | null;
  components: RewardComponents;
}

type Values = Record<string, number | boolean | string>;
type Failed = Extract<EvaluationResult<unknown>, { ok: false }> & { where: string };
/** What the expressions make of values. */
type Evaluated =
  | { by: 'value' | 'default'; value: number }
  | { by: 'override'; value: number; override: number }
  | { by: 'nothing'; value: null }
  | { by: 'error'; error: Failed };

/**
 * The reward of a decision. A pure function of what is stored: the same for any order in which its events came and for
 * any split and repetition of them.
 */
export function computeReward(
  specification: CompiledSpecification,
  decision: DecisionFacts,
  events: readonly EventFacts[],
): Computed {
  if (decision.supersededBy !== undefined) {
    return inactive('superseded', events, { superseded_by: decision.supersededBy });
  }
  let activatedBy: string | undefined;
  if (decision.deferred) {
    activatedBy = findActivation(specification, decision, events);
    if (activatedBy === undefined) return inactive('not_activated', events, {});
  }
  const selection = selectEvents(specification, decision, events);
  const made = valuesOf(specification, selection);
  const whole = evaluate(specification, made.values, selection.inputs.size > 0);
  const components: RewardComponents = {
    inputs: made.inputs,
    ...(made.graders && { graders: made.graders }),
    ...(made.graderErrors && { grader_errors: made.graderErrors }),
    ignored: [...selection.ignored],
    by: whole.by === 'error' ? 'nothing' : whole.by,
    ...(whole.by === 'override' && { override: whole.override }),
    ...(activatedBy !== undefined && { activated_by: activatedBy }),
  };
  if (whole.by === 'error') return failed(whole.error, components);
  const weight = decision.episode?.weight ?? 1;
  if (weight < 1 && [...selection.inputs.keys()].some((plan) => plan.ofEpisode)) {
    return credited(specification, selection, whole, weight, components);
  }
  return ended(specification, whole, components);
}

function ended(
  { definition: { range } }: CompiledSpecification,
  { by, value }: Exclude<Evaluated, { by: 'error' }>,
  components: RewardComponents,
): Computed {
  if (value === null) return { status: 'inactive', reason: 'no_events', value, components };
  const clipped = clip(value, range);
  return {
    status: by === 'default' ? 'defaulted' : 'final',
    reason: null,
    value: clipped,
    components: clipped === value ? components : { ...components, unclipped: value },
  };
}

/**
 * What the episode's outcome adds to a reward reaches the decision by its weight: the reward without it, and that share
 * of the difference. Where there is no reward without it, 0 stands for that.
 */
function credited(
  specification: CompiledSpecification,
  selection: Selection,
  whole: Exclude<Evaluated, { by: 'error' }>,
  weight: number,
  components: RewardComponents,
): Computed {
  const { range } = specification.definition;
  const own: Selection = {
    inputs: new Map([...selection.inputs].filter(([plan]) => !plan.ofEpisode)),
    ignored: [],
  };
  const alone = evaluate(specification, valuesOf(specification, own).values, own.inputs.size > 0);
  if (alone.by === 'error') return failed(alone.error, components);
  const [with_, without] = [whole, alone].map(({ value }) => (value === null ? null : clip(value, range)));
  const credit = { weight, alone: without ?? null, whole: with_ ?? null };
  if (weight === 0) return ended(specification, alone, { ...components, by: alone.by, credit });
  const base = without ?? 0;
  return {
    ...ended(specification, whole, { ...components, credit }),
    ...(with_ !== null && with_ !== undefined && { value: clip(base + weight * (with_ - base), range) }),
  };
}

/** Overrides first, then the default where it applies, then the expression. Without an event there is no more than a default. */
function evaluate(specification: CompiledSpecification, values: Values, anyEvent: boolean): Evaluated {
  const { definition, overrides, defaultWhen, value } = specification;
  if (anyEvent) {
    for (const [index, override] of overrides.entries()) {
      const applies = override.when.evaluate(values);
      if (!applies.ok) return { by: 'error', error: { ...applies, where: `/overrides/${index}/when` } };
      if (applies.value) return { by: 'override', value: override.value, override: index };
    }
  }
  if (definition.default) {
    const applies = defaultWhen ? defaultWhen.evaluate(values) : { ok: true as const, value: !anyEvent };
    if (!applies.ok) return { by: 'error', error: { ...applies, where: '/default/when' } };
    if (applies.value) return { by: 'default', value: definition.default.value };
  }
  if (!anyEvent) return { by: 'nothing', value: null };
  const result = value.evaluate(values);
  // Minus zero is zero: it would be another one in some places and the same in others.
  if (result.ok) return { by: 'value', value: result.value + 0 };
  return { by: 'error', error: { ...result, where: '/value' } };
}

function valuesOf(
  specification: CompiledSpecification,
  selection: Selection,
): {
  values: Values;
  inputs: RewardComponents['inputs'];
  graders?: Record<string, number>;
  graderErrors?: Record<string, string>;
} {
  const values: Values = {};
  const inputs: RewardComponents['inputs'] = {};
  for (const plan of specification.inputs) {
    const made = selection.inputs.get(plan);
    const value = made ? made.value : plan.fallback;
    if (value === undefined) continue;
    values[plan.name] = value;
    inputs[plan.name] = {
      value,
      events: made ? [...new Set(made.counted.map(({ event }) => event.id))] : [],
    };
  }
  if (specification.graders.length === 0) return { values, inputs };
  const { grades, errors } = gradeInputs(specification.graders, values, (name) => {
    for (const [plan, made] of selection.inputs) if (plan.name === name) return made.counted[0]?.event;
    return undefined;
  });
  return {
    values: { ...values, ...grades },
    inputs,
    graders: grades,
    ...(Object.keys(errors).length > 0 && { graderErrors: errors }),
  };
}

function findActivation(
  { afterMs }: CompiledSpecification,
  { occurredAt, deadline }: DecisionFacts,
  events: readonly EventFacts[],
): string | undefined {
  let first: EventFacts | undefined;
  for (const event of events) {
    if (event.type !== 'activation' || (event.about !== 'own' && event.about !== 'both')) continue;
    if (event.receivedAt > deadline) continue;
    if (event.occurredAt < occurredAt - BEFORE_MS || event.occurredAt > occurredAt + afterMs) continue;
    if (
      !first ||
      event.occurredAt < first.occurredAt ||
      (event.occurredAt === first.occurredAt && event.id < first.id)
    ) {
      first = event;
    }
  }
  return first?.id;
}

function inactive(
  reason: string,
  events: readonly EventFacts[],
  more: Pick<RewardComponents, 'superseded_by'>,
): Computed {
  const ids = events
    .filter(({ type, about }) => type !== 'activation' && about !== 'sibling')
    .map(({ id }) => id)
    .toSorted();
  const ignored = ids.map((id) => ({ id, reason: 'inactive' as const }));
  return {
    status: 'inactive',
    reason,
    value: null,
    components: { inputs: {}, ignored, by: 'nothing', ...more },
  };
}

function failed({ kind, where, message, line, column }: Failed, components: RewardComponents): Computed {
  return {
    status: 'error',
    reason: kind,
    value: null,
    components: { ...components, by: 'nothing', error: { kind, where, message, line, column } },
  };
}

function clip(value: number, [least, largest]: readonly [number, number]): number {
  return Math.min(Math.max(value, least), largest);
}
