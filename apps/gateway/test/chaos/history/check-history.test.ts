import { expect, test } from 'vitest';
import { checkHistory } from './check-history.ts';
import type { Answer, StoredDecision } from './history.ts';

function decided(id: string, changes: Partial<StoredDecision> = {}): Answer {
  const { propensity, ...rest } = { ...row(id), ...changes };
  const decision = { ...rest, probability: propensity };
  return { kind: 'decided', decision, text: JSON.stringify(decision) };
}

function row(id: string): StoredDecision {
  return { id, action: 'a', propensity: 0.1, policy_version: 'v', checkpoint: 3, mode: 'live' };
}

const kinds = (answers: Record<string, Answer[]>, stored: StoredDecision[]): string[] =>
  checkHistory(new Map(Object.entries(answers)), stored).map(({ kind, id }) => `${kind} ${id}`);

const UNANSWERED: Answer = { kind: 'unanswered' };
const DEGRADED = decided('x', { mode: 'degraded' });

test('nothing is wrong with what is stored as it was answered, nor with what was not logged', () => {
  const answers = {
    x: [UNANSWERED, decided('x'), decided('x')],
    y: [DEGRADED, { kind: 'refused', status: 503 } as const],
  };
  expect(kinds(answers, [row('x')])).toEqual([]);
  expect(kinds({ x: [UNANSWERED, DEGRADED] }, [row('x')])).toEqual([]);
});

test.each<[string, Answer[], StoredDecision[]]>([
  ['lost', [decided('x')], []],
  ['twice', [decided('x')], [row('x'), row('x')]],
  ['changed', [decided('x')], [{ ...row('x'), action: 'b' }]],
  ['changed', [decided('x')], [{ ...row('x'), propensity: 0.2 }]],
  ['changed', [decided('x')], [{ ...row('x'), policy_version: null }]],
  ['changed', [decided('x')], [{ ...row('x'), checkpoint: 4 }]],
  ['changed', [decided('x')], [{ ...row('x'), mode: 'shadow_only' }]],
  ['answers_differ', [decided('x'), decided('x', { action: 'b' })], [row('x')]],
  ['ghost', [DEGRADED], [row('x')]],
  ['no_end', [UNANSWERED, { kind: 'refused', status: 503 }], []],
  ['unexpected', [{ kind: 'unexpected', status: 500, body: '' }, decided('x')], [row('x')]],
])('%s is found', (kind, answers, stored) => {
  expect(kinds({ x: answers }, stored)).toEqual([`${kind} x`]);
});

test('a decision that nobody asked for is found', () => {
  expect(kinds({}, [row('z')])).toEqual(['ghost z']);
});
