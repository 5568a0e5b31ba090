import { expect, test } from 'vitest';
import { requestIdOf } from './request-id.ts';

test.each(['a', 'A.b_c-9', 'x'.repeat(64)])('%s is kept', (id) => {
  expect(requestIdOf({ headers: { 'x-request-id': id } })).toBe(id);
});

test.each(['', 'x'.repeat(65), 'a b', 'a\nb', 'ä', 'a,b', '../a'])('%j is replaced', (id) => {
  expect(requestIdOf({ headers: { 'x-request-id': id } })).toMatch(/^[0-9a-f-]{36}$/);
});
