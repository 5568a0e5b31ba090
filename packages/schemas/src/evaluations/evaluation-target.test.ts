import { expect, test } from 'vitest';
import { mistakes } from '../../test/mistakes.ts';
import { evaluationTargetSchema } from './evaluation-target.ts';

test.each<object>([
  { version: 'v1' },
  { version: 'v1', checkpoint: 1 },
  { declared: { probabilities: { a: 0.333_333_3, b: 0.333_333_3, c: 0.333_333_3 } } },
  { declared: { by: 'position', tables: { '1': { a: 1 }, '2': { a: 0.5, b: 0.5 } } } },
  { baseline: {} },
  { baseline: { exploration: 0 } },
  { logged: 'v1' },
  { logging: true },
])('%j is a target', (target) => {
  expect(mistakes(evaluationTargetSchema, target)).toEqual([]);
});

test.each<object>([
  {},
  { version: 'v1', logged: 'v1' },
  { version: 'v1', checkpoint: 0 },
  { declared: {} },
  { declared: { probabilities: { a: 0.5, b: 0.4 } } },
  { declared: { probabilities: { a: 1.5, b: -0.5 } } },
  { declared: { probabilities: { a: 1 }, by: 'position', tables: { '1': { a: 1 } } } },
  { declared: { by: 'position', tables: {} } },
  { declared: { by: 'position', tables: { '1': { a: 0.9 } } } },
  { baseline: { exploration: 1.1 } },
  { baseline: true },
  { logging: false },
])('%j is none', (target) => {
  expect(mistakes(evaluationTargetSchema, target)).not.toEqual([]);
});
