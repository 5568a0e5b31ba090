import { expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';

test('nothing asks for the list', () => {
  expect(readCommandLine([])).toEqual({ quick: false, save: false });
});

test('a bench with all its options, in any order', () => {
  expect(
    readCommandLine(['--quick', 'ingest', '--connections', '8', '--save', '--single-connections=128']),
  ).toEqual({ bench: 'ingest', quick: true, save: true, connections: 8, singleConnections: 128 });
});

test.each([
  [['ingest', '--connections', '0'], '1 to 9999'],
  [['ingest', '--connections', '1e3'], '1 to 9999'],
  [['ingest', '--single-connections', 'many'], '1 to 9999'],
  [['ingest', 'decide'], 'decide'],
  [['ingest', '--fast'], '--fast'],
])('%j is refused in words', (args, words) => {
  expect(readCommandLine(args)).toContain(words);
});
