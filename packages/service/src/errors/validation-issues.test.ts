import { expect, test } from 'vitest';
import { z } from 'zod';
import { validationIssues } from './validation-issues.ts';

function issuesOf(schema: z.ZodType, value: unknown, prefix: string[] = []) {
  const result = schema.safeParse(value);
  if (result.success) throw new Error('the value was accepted');
  return validationIssues(result.error.issues, prefix);
}

test('points at each mistake in the body', () => {
  const schema = z.object({ actions: z.array(z.object({ id: z.string(), 'a/b': z.number() })) });
  expect(issuesOf(schema, { actions: [{ id: 1, 'a/b': 'x' }] }).map((issue) => issue.path)).toEqual([
    '/actions/0/id',
    '/actions/0/a~1b',
  ]);
});

test('says which other part of the request it is', () => {
  expect(issuesOf(z.object({ limit: z.coerce.number() }), { limit: 'x' }, ['query'])[0]?.path).toBe(
    '/query/limit',
  );
});

test('points at each unknown key', () => {
  expect(issuesOf(z.object({ a: z.object({}).strict() }), { a: { b: 1, c: 2 } })).toEqual([
    { path: '/a/b', message: 'is not known here' },
    { path: '/a/c', message: 'is not known here' },
  ]);
});

test('shows the alternative of a union that came closest', () => {
  const schema = z.object({
    value: z.union([
      z.object({ a: z.string(), b: z.string() }),
      z.object({ c: z.object({ d: z.number() }) }),
    ]),
  });
  expect(issuesOf(schema, { value: { c: { d: 'x' } } }).map((issue) => issue.path)).toEqual(['/value/c/d']);
});

test('stays small for a request that is all mistakes', () => {
  const long = 'x'.repeat(1000);
  const body = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${long}${index}`, 1]));
  const issues = issuesOf(z.object({}).strict(), body);
  expect(issues).toHaveLength(100);
  expect(JSON.stringify(issues).length).toBeLessThan(80_000);
});
