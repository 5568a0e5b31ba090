import { type PlainGrader, type RewardFinding, type RewardGrader, similarName } from '@rlaas/schemas';
import { compileNumber } from '../expressions/compile-expression.ts';
import type { Expression, Field, Fields } from '../expressions/expression.ts';
import type { InputPlan } from './input-plan.ts';

/** A grader that answers by one input. */
export interface PlainGraderPlan {
  name: string;
  grader: PlainGrader;
}

/** A grader as it is used for each decision. */
export interface GraderPlan {
  name: string;
  /** One for a plain grader; those that the formula reads for `multi`. */
  parts: readonly PlainGraderPlan[];
  /** Over the parts as fields of `e`; only of `multi`. */
  formula: Expression<number> | undefined;
  /** Inputs that it reads. */
  reads: readonly string[];
}

interface Planned {
  plans: GraderPlan[];
  fields: Fields;
  mistakes: RewardFinding[];
  warnings: RewardFinding[];
}

/** Checks graders against the inputs that they read. */
export function planGraders(
  graders: Readonly<Record<string, RewardGrader>>,
  inputs: readonly InputPlan[],
  fieldsOfInputs: Fields,
): Planned {
  const planned: Planned = { plans: [], fields: {}, mistakes: [], warnings: [] };
  const fields: Record<string, Field> = {};
  for (const [name, grader] of Object.entries(graders)) {
    const path = `/graders/${name}`;
    if (needsModel(grader)) {
      planned.mistakes.push({
        code: 'grader_unavailable',
        path: `${path}/kind`,
        message: `${grader.kind} is not there yet; edit_similarity, string_check and multi are`,
      });
      // Named all the same, so that expressions that read it are not wrong twice.
      fields[name] = { type: 'number', always: false };
      continue;
    }
    const parts: (PlainGraderPlan & { path: string })[] =
      grader.kind === 'multi'
        ? Object.entries(grader.graders).map(([part, own]) => ({
            name: part,
            grader: own,
            path: `${path}/graders/${part}`,
          }))
        : [{ name, grader, path }];
    planned.mistakes.push(...parts.flatMap((part) => mistakesOf(part.grader, part.path, inputs)));
    const reads = parts.map((part) => part.grader.input);
    const always =
      reads.every((read) => fieldsOfInputs[read]?.always === true) &&
      parts.every((part) => part.grader.kind === 'string_check');
    let formula: Expression<number> | undefined;
    if (grader.kind === 'multi') {
      const own = Object.fromEntries(
        parts.map((part): [string, Field] => [part.name, { type: 'number', always: true, range: [0, 1] }]),
      );
      const compiled = compileNumber(grader.calculate_output, own);
      const at = `${path}/calculate_output`;
      for (const { code, message, line, column, start } of compiled.ok
        ? compiled.warnings
        : compiled.mistakes) {
        planned[compiled.ok ? 'warnings' : 'mistakes'].push({
          code,
          path: at,
          message,
          line,
          column,
          offset: start,
        });
      }
      if (compiled.ok) formula = compiled.expression;
    }
    fields[name] = { type: 'number', always, ...(grader.kind === 'multi' ? {} : { range: [0, 1] as const }) };
    planned.plans.push({
      name,
      parts: parts.map((part) => ({ name: part.name, grader: part.grader })),
      formula,
      reads,
    });
  }
  return { ...planned, fields };
}

/** Told by the kind, which the compiler cannot: such a grader may have any members. */
function needsModel(
  grader: RewardGrader,
): grader is Extract<RewardGrader, { kind: 'model' | 'text_similarity' }> {
  return grader.kind === 'model' || grader.kind === 'text_similarity';
}

function mistakesOf(grader: PlainGrader, path: string, inputs: readonly InputPlan[]): RewardFinding[] {
  const names = inputs.map((plan) => plan.name);
  const plan = inputs.find(({ name }) => name === grader.input);
  const at = `${path}/input`;
  if (!plan) {
    const near = similarName(grader.input, names);
    const advice = near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`;
    return [{ code: 'unknown_input', path: at, message: `"${grader.input}" is no input; ${advice}` }];
  }
  if (grader.kind === 'string_check') {
    if (plan.type === 'string') return [];
    return [
      {
        code: 'wrong_input',
        path: at,
        message: `"${grader.input}" is a ${plan.type}; a string_check reads texts`,
      },
    ];
  }
  const { event, aggregate, grader: own } = plan.input;
  if (event === 'demonstration' && own === undefined && (aggregate === 'first' || aggregate === 'last'))
    return [];
  return [
    {
      code: 'wrong_input',
      path: at,
      message: `edit_similarity reads an input of demonstrations that is "first" or "last" and has no grader itself; "${grader.input}" is another one`,
    },
  ];
}
