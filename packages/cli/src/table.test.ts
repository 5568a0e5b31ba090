import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns are as wide as their widest cell, and no line ends in blanks', () => {
  expect(
    table(
      ['what', 'where'],
      [
        ['gateway', 'http://x'],
        ['db', ''],
      ],
    ),
  ).toBe('what     where\n-------  --------\ngateway  http://x\ndb');
});

test('what would steer the terminal, or break a line, is a space', () => {
  expect(table(['reason'], [['a\n\u001B[2Jb\u009Bc']])).toBe('reason\n--------\na [2Jb c');
});
