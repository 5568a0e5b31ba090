import { expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';

test('nothing is asked for', () => {
  expect(readCommandLine([])).toEqual({});
});

test('everything is asked for', () => {
  const args = ['all', '--seed', '7', '--kills', '3', '--seconds=20', '--clients', '64'];
  expect(readCommandLine(args)).toEqual({ scenario: 'all', seed: 7, kills: 3, seconds: 20, clients: 64 });
});

test.each([
  [['a', 'b'], 'one scenario or all, not also b'],
  [['all', '--clients', '65'], '--clients is a number from 1 to 64, not "65"'],
  [['all', '--kills', 'many'], '--kills is a number from 1 to 10000, not "many"'],
  [['all', '--seconds', '0'], '--seconds is a number from 1 to 3600, not "0"'],
])('%j is refused', (args, reason) => {
  expect(readCommandLine(args)).toBe(reason);
});

test('what it does not know is refused', () => {
  expect(readCommandLine(['--speed', '1'])).toContain("Unknown option '--speed'");
});
