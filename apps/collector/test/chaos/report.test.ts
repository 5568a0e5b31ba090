import { expect, test } from 'vitest';
import type { SentEvent } from './history/history.ts';
import { outcomeTable, violationsText } from './report.ts';
import type { ScenarioOutcome } from './run-scenario.ts';

const event: SentEvent = { number: 7, id: 'a', meant: 'well', content: { data: 'x'.repeat(500) } };
const told = { accepted: 5, duplicate: 4, rejected: 3, retry: 2, unanswered: 1, unsent: 0 };
const outcome = (violations: number): ScenarioOutcome => ({
  name: 'kill-collector',
  faults: 3,
  requests: 10,
  events: 15,
  told,
  stored: 6,
  letters: undefined,
  seconds: 1,
  violations: Array.from({ length: violations }, () => ({
    kind: 'lost' as const,
    what: 'event 7 is not there',
    id: 'a',
    requests: [
      {
        number: 3,
        client: 2,
        startedAt: 10,
        endedAt: 20,
        events: [{ ...event, id: 'b' }, event],
        whole: false,
        answer: {
          kind: 'results' as const,
          status: 200,
          counts: { received: 2, accepted: 2, duplicate: 0, rejected: 0, retry: 0 },
          results: [],
        },
      },
    ],
  })),
  log: ['last line'],
});

test('a line for each scenario, also for one that was skipped', () => {
  const lines = outcomeTable([outcome(0), { name: 'full-disk', skipped: 'no root' }]).split('\n');
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    expect.arrayContaining(['scenario', 'faults', 'unanswered', 'violations']),
    expect.any(Array),
    ['kill-collector', '3', '10', '15', '5', '4', '3', '2', '1', '0', '6', '-', '0'],
    ['full-disk', 'skipped: no root'],
  ]);
  expect(lines[0]?.length).toBe(lines[2]?.length);
});

test('nothing where nothing is wrong', () => {
  expect(violationsText(outcome(0))).toBe('');
  expect(violationsText({ name: 'full-disk', skipped: 'no root' })).toBe('');
});

test('a violation with the history of its event, and what the collector said', () => {
  expect(violationsText(outcome(1)).split('\n')).toEqual([
    'kill-collector: 1 violations',
    '  1 × lost: I1: told accepted or duplicate, and not stored',
    '- lost a: event 7 is not there',
    '    request 3 of client 2, 10–20 ms, 2 events: 200',
    `      place 1, event 7: accepted "${'x'.repeat(99)}…`,
    'last lines of the collector:',
    'last line',
  ]);
});

test('at most 20 of them', () => {
  expect(violationsText(outcome(30))).toContain('… and 10 more');
});
