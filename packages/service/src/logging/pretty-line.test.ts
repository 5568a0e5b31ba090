import { expect, test } from 'vitest';
import { prettyLine } from './pretty-line.ts';

test('gives back what is not a log line', () => {
  expect(prettyLine('plain text\n')).toBe('plain text\n');
  expect(prettyLine('{"a":1}\n')).toBe('{"a":1}\n');
});

test('shows objects and empty texts as JSON', () => {
  const line = JSON.stringify({
    level: 30,
    time: '2026-03-01T09:30:00.123Z',
    service: 'reward',
    msg: 'm',
    a: { b: 1 },
    c: '',
  });
  expect(prettyLine(line)).toBe('09:30:00.123 INFO  reward m a={"b":1} c=""\n');
});
