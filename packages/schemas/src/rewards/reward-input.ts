import { z } from 'zod';
import { nameSchema } from '../ids.ts';
import { durationSchema, parseDuration } from '../time.ts';
import { worded } from '../wording.ts';

/** Words of CEL that cannot be the name of a field. */
const RESERVED = new Set(
  'as break const continue else false for function has if import in let loop namespace null package return true var void while'.split(
    ' ',
  ),
);

/** Name of an input or a grader: a field of `e` in expressions. */
export const fieldNameSchema = z
  .string(worded)
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and "_", and begin with a letter')
  .refine((name) => !RESERVED.has(name), 'is a word of the expression language; choose another one')
  .meta({ description: 'Name of a field of `e` in expressions.', examples: ['csat', 'edit_share'] });

/** Least and largest value of something. */
export const rangeSchema = z
  .tuple([z.number(worded), z.number(worded)], worded)
  .refine(([least, largest]) => least < largest, 'must be the least value and a larger one');

/** Types of events that an input can read. */
export const inputEvents = ['outcome', 'feedback', 'demonstration', 'preference', 'reward'] as const;
/** How the values of several events become one. */
export const aggregates = [
  'first',
  'last',
  'any',
  'all',
  'sum',
  'mean',
  'median',
  'min',
  'max',
  'count',
] as const;
/** Members of events that can be read where there are several. */
export const inputFields = ['rating', 'thumb', 'label', 'comment', 'draft', 'final'] as const;
/** Of what type a field of `e` is. */
export const fieldTypes = ['number', 'boolean', 'string'] as const;
export type FieldType = (typeof fieldTypes)[number];

const inputObject = z.strictObject(
  {
    event: z.enum(inputEvents, worded).meta({ description: 'Type of the events that are read.' }),
    name: nameSchema.optional().meta({
      description: 'Only outcomes or feedback of this name; required with outcomes.',
    }),
    field: z.enum(inputFields, worded).optional().meta({
      description:
        'What is read of feedback (`rating`, the default, `thumb`, `label`, `comment`) or of a demonstration (`final`, the default, `draft`).',
    }),
    aggregate: z.enum(aggregates, worded).meta({
      description:
        'How several events become one value. `first` and `last` are by occurrence time, ties by id. Without an event there is no value, but for `count`, which is 0.',
    }),
    type: z.enum(fieldTypes, worded).optional().meta({
      description:
        'Type of the value; follows from the aggregate and the default where it is absent: `any` and `all` are boolean, `first` and `last` number unless the default says otherwise, all others number. As a number, true is 1 and false 0.',
    }),
    default: z
      .union([z.boolean(worded), z.number(worded), z.string(worded).max(1000)], {
        error: 'must be true, false, a finite number, or a string of at most 1000 characters',
      })
      .optional()
      .meta({ description: 'Value where no event counted; without one there is none.' }),
    range: rangeSchema.optional().meta({
      description: 'Least and largest number of one event; events with another one are ignored.',
    }),
    scope: z.enum(['decision', 'episode'], worded).default('decision').meta({
      description:
        '`decision`: events about the decision itself; `episode`: those about its episode or any decision of it.',
    }),
    window: z
      .strictObject(
        {
          after: durationSchema.meta({ description: 'How long after the decision an event counts here.' }),
        },
        worded,
      )
      .optional()
      .meta({ description: 'A shorter window than that of the specification.' }),
    grader: z.enum(['edit_similarity', 'text_similarity'], worded).optional().meta({
      description:
        'What makes a number of a demonstration. `edit_similarity`: 1 where the draft was used as it was, 0 where nothing of it is left.',
    }),
  },
  worded,
);
type InputShape = z.infer<typeof inputObject>;

const FIELDS_OF: Partial<Record<InputShape['event'], readonly string[]>> = {
  feedback: ['rating', 'thumb', 'label', 'comment'],
  demonstration: ['draft', 'final'],
};
const NUMERIC: ReadonlySet<string> = new Set(['sum', 'mean', 'median', 'min', 'max']);

/** One value of a decision, made of its events. */
export const rewardInputSchema = inputObject.check(({ value, issues }) => {
  const mistake = mistakeOf(value);
  if (mistake) issues.push({ code: 'custom', input: value, path: [mistake[0]], message: mistake[1] });
});
export type RewardInput = z.infer<typeof rewardInputSchema>;

/** The type of an input's value, where it follows from what is written. */
export function typeOfInput(input: InputShape): FieldType {
  if (input.type) return input.type;
  if (input.aggregate === 'any' || input.aggregate === 'all') return 'boolean';
  if (input.grader !== undefined || (input.aggregate !== 'first' && input.aggregate !== 'last'))
    return 'number';
  if (input.default !== undefined) return typeof input.default as FieldType;
  const { field } = input;
  if (field === 'label' || field === 'comment' || input.event === 'demonstration') return 'string';
  return 'number';
}

function mistakeOf(input: InputShape): [keyof InputShape, string] | undefined {
  const { event, name, field, aggregate, grader, range } = input;
  const type = typeOfInput(input);
  if (event === 'outcome' && name === undefined) return ['name', 'is required with outcomes'];
  if (name !== undefined && event !== 'outcome' && event !== 'feedback') {
    return ['name', `means nothing with ${event} events: they have no name`];
  }
  const fields = FIELDS_OF[event] ?? [];
  if (field !== undefined && !fields.includes(field)) {
    return [
      'field',
      fields.length === 0 ? `means nothing with ${event} events` : `must be one of ${fields.join(', ')}`,
    ];
  }
  if (grader !== undefined && event !== 'demonstration') return ['grader', 'reads demonstrations only'];
  if (grader !== undefined && field !== undefined) return ['field', 'must not stand together with a grader'];
  const boolean = aggregate === 'any' || aggregate === 'all';
  if (boolean && type !== 'boolean') return ['type', `must be boolean: "${aggregate}" is true or false`];
  if ((NUMERIC.has(aggregate) || aggregate === 'count') && type !== 'number') {
    return ['type', `must be number: "${aggregate}" is a number`];
  }
  if (grader !== undefined && aggregate !== 'count' && type !== 'number') {
    return ['type', 'must be number: a grader makes numbers'];
  }
  const text =
    grader === undefined && (event === 'demonstration' || field === 'label' || field === 'comment');
  if (text && aggregate !== 'count' && type !== 'string') {
    return ['aggregate', `must be first, last or count: what is read is a text`];
  }
  const numeric = event === 'reward' || event === 'preference' || (event === 'feedback' && !text);
  if (numeric && type === 'string') return ['type', 'must be number or boolean: what is read is no text'];
  if (input.default !== undefined && typeof input.default !== type) {
    return ['default', `must be a ${type}, as the value is`];
  }
  if (range !== undefined && (type !== 'number' || aggregate === 'count')) {
    return ['range', 'is for numbers of events only'];
  }
  return undefined;
}

/** Milliseconds after the decision until which events count for an input. */
export function windowOfInput(input: InputShape, specificationMs: number): number {
  return input.window === undefined
    ? specificationMs
    : (parseDuration(input.window.after) ?? specificationMs);
}
