import { editSimilarity } from '../graders/edit-similarity.ts';
import { stringCheck } from '../graders/string-check.ts';
import type { GraderPlan, PlainGraderPlan } from '../specifications/grader-plan.ts';
import type { EventFacts } from './facts.ts';

type Values = Readonly<Record<string, number | boolean | string>>;

/** What graders make of inputs. One that lacks an input, or that fails, has no value: never 0. */
export function gradeInputs(
  graders: readonly GraderPlan[],
  values: Values,
  eventOf: (input: string) => EventFacts | undefined,
): { grades: Record<string, number>; errors: Record<string, string> } {
  const grades: Record<string, number> = {};
  const errors: Record<string, string> = {};
  for (const { name, parts, formula } of graders) {
    const made: Record<string, number> = {};
    for (const part of parts) {
      const grade = gradeOne(part, values, eventOf);
      if (grade !== undefined) made[part.name] = grade;
    }
    if (Object.keys(made).length < parts.length) continue;
    const only = made[name];
    if (!formula) {
      if (only !== undefined) grades[name] = only;
      continue;
    }
    const result = formula.evaluate(made);
    if (result.ok) grades[name] = result.value;
    else errors[name] = result.kind;
  }
  return { grades, errors };
}

function gradeOne(
  { grader }: PlainGraderPlan,
  values: Values,
  eventOf: (input: string) => EventFacts | undefined,
): number | undefined {
  if (grader.kind === 'string_check') {
    const text = values[grader.input];
    return typeof text === 'string' ? stringCheck(grader, text) : undefined;
  }
  const data = eventOf(grader.input)?.data;
  const { draft, final } = data ?? {};
  return typeof draft === 'string' && typeof final === 'string' ? editSimilarity(draft, final) : undefined;
}
