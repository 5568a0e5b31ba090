import { type RewardFinding, type RewardSpecification, discountOf, parseDuration } from '@rlaas/schemas';
import { compileCompleteness } from '../expressions/completeness.ts';
import { compileCondition, compileNumber } from '../expressions/compile-expression.ts';
import type { Expression, Field, Fields, Finding } from '../expressions/expression.ts';
import { type GraderPlan, planGraders } from './grader-plan.ts';
import { type InputPlan, fieldOfInput, keyOfEvent, planInput } from './input-plan.ts';

/** A specification as it is used for each decision. */
export interface CompiledSpecification {
  definition: RewardSpecification;
  afterMs: number;
  graceMs: number;
  inputs: readonly InputPlan[];
  /** Inputs by what they read: `keyOfEvent`. */
  readers: ReadonlyMap<string, readonly InputPlan[]>;
  graders: readonly GraderPlan[];
  value: Expression<number>;
  defaultWhen: Expression<boolean> | undefined;
  overrides: readonly { when: Expression<boolean>; value: number }[];
  earlyWhen: Expression<boolean> | undefined;
  /** What is left of an outcome of the episode for each decision that came after: 1 all, 0 none. */
  discount: number;
  /** It reads what is said about episodes, so that rewards of an episode close together. */
  readsEpisodes: boolean;
  readsPreferences: boolean;
  readsDemonstrations: boolean;
}

export type CompiledResult =
  | { ok: true; compiled: CompiledSpecification; warnings: RewardFinding[] }
  | { ok: false; mistakes: RewardFinding[]; warnings: RewardFinding[] };

type Compiled<T> =
  | { ok: true; expression: Expression<T>; warnings: Finding[] }
  | { ok: false; mistakes: Finding[] };

/** Checks what a schema cannot: graders, and every expression with its types. All mistakes at once. */
export function compileSpecification(definition: RewardSpecification): CompiledResult {
  const mistakes: RewardFinding[] = [];
  const warnings: RewardFinding[] = [];
  const afterMs = parseDuration(definition.window.after) ?? 0;
  const inputs = Object.entries(definition.inputs).map(([name, input]) => planInput(name, input, afterMs));
  mistakes.push(...inputs.flatMap(unavailableGrader));
  const fieldsOfInputs = Object.fromEntries(
    inputs.map((plan): [string, Field] => [plan.name, fieldOfInput(plan)]),
  );
  const graders = planGraders(definition.graders ?? {}, inputs, fieldsOfInputs);
  mistakes.push(...graders.mistakes);
  warnings.push(...graders.warnings);
  const fields: Fields = { ...fieldsOfInputs, ...graders.fields };

  function take<T>(path: string, compiled: Compiled<T>): Expression<T> | undefined {
    if (compiled.ok) {
      warnings.push(...compiled.warnings.map((finding) => placed(path, finding)));
      return compiled.expression;
    }
    mistakes.push(...compiled.mistakes.map((finding) => placed(path, finding)));
    return undefined;
  }

  const value = take('/value', compileNumber(definition.value, fields, { range: definition.range }));
  const { early_when: early } = definition.window;
  const earlyWhen =
    early === undefined ? undefined : take('/window/early_when', compileCompleteness(early, fields));
  const when = definition.default?.when;
  const defaultWhen = when === undefined ? undefined : take('/default/when', compileCondition(when, fields));
  const overrides = (definition.overrides ?? []).map((override, index) => ({
    when: take(`/overrides/${index}/when`, compileCondition(override.when, fields)),
    value: override.value,
  }));
  warnings.push(
    ...unusedInputs(inputs, [value, defaultWhen, ...overrides.map(({ when: own }) => own)], graders.plans),
  );
  if (mistakes.length > 0 || !value) return { ok: false, mistakes, warnings };
  const readers = new Map<string, InputPlan[]>();
  for (const plan of inputs) {
    const key = keyOfEvent(plan.input.event, plan.input.name);
    readers.set(key, [...(readers.get(key) ?? []), plan]);
  }
  return {
    ok: true,
    warnings,
    compiled: {
      definition,
      afterMs,
      graceMs: parseDuration(definition.window.grace) ?? 0,
      inputs,
      readers,
      graders: graders.plans,
      value,
      defaultWhen,
      overrides: overrides.flatMap((override) =>
        override.when ? [{ ...override, when: override.when }] : [],
      ),
      earlyWhen,
      discount: definition.credit === 'last' ? 0 : (discountOf(definition.credit) ?? 1),
      readsEpisodes: inputs.some((plan) => plan.ofEpisode),
      readsPreferences: inputs.some((plan) => plan.input.event === 'preference'),
      readsDemonstrations: inputs.some((plan) => plan.input.event === 'demonstration'),
    },
  };
}

function placed(path: string, { code, message, line, column, start }: Finding): RewardFinding {
  return { code, path, message, line, column, offset: start };
}

function unavailableGrader({ name, input }: InputPlan): RewardFinding[] {
  if (input.grader !== 'text_similarity') return [];
  return [
    {
      code: 'grader_unavailable',
      path: `/inputs/${name}/grader`,
      message: 'text_similarity is not there yet; edit_similarity is',
    },
  ];
}

/** An input that nothing reads is most often a slip of the pen. */
function unusedInputs(
  inputs: readonly InputPlan[],
  expressions: readonly (Expression<unknown> | undefined)[],
  graders: readonly GraderPlan[],
): RewardFinding[] {
  // What a broken expression uses is not known.
  if (expressions.some((expression, index) => index === 0 && expression === undefined)) return [];
  const used = new Set([
    ...expressions.flatMap((expression) => expression?.uses ?? []),
    ...graders.flatMap((plan) => plan.reads),
  ]);
  return inputs
    .filter(({ name }) => !used.has(name))
    .map(({ name }) => ({
      code: 'unused_input',
      path: `/inputs/${name}`,
      message: `no expression reads e.${name}, so it changes no reward; its events count as events of the decision`,
    }));
}
