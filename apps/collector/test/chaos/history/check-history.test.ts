import { describe, expect, test } from 'vitest';
import { checkHistory } from './check-history.ts';
import type { Answer, AnswerCounts, AnswerResult, History, SentEvent, SentRequest } from './history.ts';
import type { Snapshot, StoredEvent, StoredLetter } from './snapshot.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const id = (n: number) => `019ca8b2-9400-7c3e-9d2b-00000000000${n}`;
const event = (number: number, changes: Partial<SentEvent> = {}): SentEvent => ({
  number,
  id: id(number),
  meant: 'well',
  content: { id: id(number), type: 'outcome', data: { name: 'right', value: number } },
  ...changes,
});
const [one, two] = [event(1), event(2)];
/** Stands in the tables before the run. */
const old = event(5);
/** Claims the id of `one`. */
const rival = event(3, { id: one.id, content: { ...one.content, data: { name: 'right', value: 3 } } });
const bad = event(4, { meant: 'invalid', content: { id: id(4), type: 'shout' } });

type Told = AnswerResult['status'] | 'schema_invalid' | 'id_conflict';

/** A client that sends one request after the other, each for a millisecond, and is told these ends. */
function historyOf(
  ...requests: [SentEvent[], Told[] | Answer, { endedAt?: number; whole?: boolean }?][]
): History {
  return {
    tenantId: TENANT,
    before: { events: [row(old)], letters: [letter(old, 'id_conflict')] },
    requests: requests.map(([events, told, other], number): SentRequest => ({
      number,
      client: 0,
      startedAt: number * 2,
      endedAt: other?.endedAt ?? number * 2 + 1,
      events,
      whole: other?.whole ?? false,
      answer: Array.isArray(told) ? answerOf(events, told) : told,
    })),
  };
}

function answerOf(events: readonly SentEvent[], told: readonly Told[]): Extract<Answer, { kind: 'results' }> {
  const counts: AnswerCounts = { received: events.length, accepted: 0, duplicate: 0, rejected: 0, retry: 0 };
  const results = told.map((end, index): AnswerResult => {
    const rejected = end === 'schema_invalid' || end === 'id_conflict';
    const status = rejected ? 'rejected' : end;
    counts[status] += 1;
    return { index, id: events[index]?.id ?? null, status, ...(rejected && { code: end }) };
  });
  const stored = counts.accepted + counts.duplicate;
  const status =
    stored === events.length
      ? 200
      : counts.rejected === events.length
        ? 422
        : counts.retry === events.length
          ? 503
          : 207;
  return {
    kind: 'results',
    status,
    counts,
    results: results.filter((result) => result.status !== 'accepted'),
  };
}

const row = ({ id: rowId, content }: SentEvent): StoredEvent => ({ tenantId: TENANT, id: rowId, content });
const letter = ({ id: eventId, content }: SentEvent, code: string): StoredLetter => ({
  tenantId: TENANT,
  eventId,
  code,
  content,
});
/** With what was there before. */
const tables = (events: StoredEvent[], letters: StoredLetter[] = []): Snapshot => ({
  events: [row(old), ...events],
  letters: [letter(old, 'id_conflict'), ...letters],
});
const kinds = (history: History, snapshot: Snapshot) => [
  ...new Set(checkHistory(history, snapshot).map(({ kind }) => kind)),
];
const unanswered: Answer = { kind: 'unanswered', reason: 'ECONNRESET' };

describe('what is as it should be', () => {
  test.each<[string, History, Snapshot]>([
    [
      'stored, sent again, rejected',
      historyOf(
        [
          [one, bad],
          ['accepted', 'schema_invalid'],
        ],
        [[one], ['duplicate']],
        [[bad], ['schema_invalid']],
      ),
      tables([row(one)], [letter(bad, 'schema_invalid')]),
    ],
    [
      'an answer that was lost after the commit',
      historyOf([[one], unanswered], [[one], ['duplicate']]),
      tables([row(one)]),
    ],
    [
      'an answer that was lost before the commit',
      historyOf([[one], unanswered], [[one], ['accepted']]),
      tables([row(one)]),
    ],
    [
      'a retry, then both',
      historyOf(
        [
          [one, two],
          ['retry', 'accepted'],
        ],
        [[one], { kind: 'refused', status: 429 }],
        [[one], ['accepted']],
      ),
      tables([row(one), row(two)]),
    ],
    [
      'no connection at first',
      historyOf([[one], { kind: 'unsent' }], [[one], ['accepted']]),
      tables([row(one)]),
    ],
    [
      'twice in a request',
      historyOf([
        [one, one],
        ['accepted', 'duplicate'],
      ]),
      tables([row(one)]),
    ],
    [
      'two contents, the first stays',
      historyOf(
        [[one], ['accepted']],
        [
          [rival, one],
          ['id_conflict', 'duplicate'],
        ],
      ),
      tables([row(one)], [letter(rival, 'id_conflict')]),
    ],
    [
      'two contents at once',
      historyOf([[one], ['id_conflict'], { endedAt: 9 }], [[rival], ['accepted']]),
      tables([row(rival)], [letter(one, 'id_conflict')]),
    ],
    [
      'before there are dead letters',
      { ...historyOf([[bad], ['schema_invalid']]), before: { events: [], letters: undefined } },
      { events: [], letters: undefined },
    ],
    [
      'written in another way',
      historyOf([[one], ['accepted']]),
      tables([
        {
          tenantId: TENANT,
          id: one.id,
          content: { schema_version: 1, data: { value: 1, name: 'right' }, type: 'outcome', id: one.id },
        },
      ]),
    ],
  ])('%s', (_name, history, snapshot) => {
    expect(checkHistory(history, snapshot)).toEqual([]);
  });
});

describe('what is found', () => {
  const accepted = historyOf([[one], ['accepted']]);
  const changed = { ...row(one), content: { ...one.content, data: { name: 'right', value: 1.5 } } };

  test.each<[string, History, Snapshot, string[]]>([
    ['a lost event', accepted, tables([]), ['lost']],
    [
      'one that is lost after a duplicate',
      historyOf([[one], unanswered], [[one], ['duplicate']]),
      tables([]),
      ['lost'],
    ],
    ['a row of another tenant', accepted, tables([{ ...row(one), tenantId: id(9) }]), ['ghost', 'lost']],
    ['a changed content', accepted, tables([changed]), ['changed']],
    [
      'a conflict that was stored over the first',
      historyOf([[one], ['accepted']], [[rival], ['id_conflict']]),
      tables([row(rival)], [letter(rival, 'id_conflict')]),
      ['rejected_stored', 'changed', 'letter_of_stored'],
    ],
    ['a row that stands twice', accepted, tables([row(one), row(one)]), ['stored_twice']],
    [
      'a doubled acceptance',
      historyOf([[one], ['accepted'], { endedAt: 9 }], [[one], ['accepted']]),
      tables([row(one)]),
      ['accepted_twice'],
    ],
    [
      'a doubled acceptance, one of them after the other',
      historyOf([[one], ['accepted']], [[one], ['accepted']]),
      tables([row(one)]),
      ['accepted_twice', 'accepted_again'],
    ],
    [
      'an event that was lost and stored again',
      historyOf([[one], unanswered], [[one], ['duplicate']], [[one], ['accepted']]),
      tables([row(one)]),
      ['accepted_again'],
    ],
    [
      'an id that was taken, and free again',
      historyOf([[one], unanswered], [[rival], ['id_conflict']], [[one], ['accepted']]),
      tables([row(one)], [letter(rival, 'id_conflict')]),
      ['accepted_again'],
    ],
    [
      'a duplicate of nothing',
      historyOf([[one], ['duplicate']]),
      tables([row(one)]),
      ['duplicate_of_nothing'],
    ],
    [
      'a duplicate of what came later',
      historyOf([[one], ['duplicate']], [[one], ['retry']]),
      tables([row(one)]),
      ['duplicate_of_nothing'],
    ],
    [
      'a duplicate of what was never sent off',
      historyOf([[one], { kind: 'unsent' }], [[one], ['duplicate']]),
      tables([row(one)]),
      ['duplicate_of_nothing'],
    ],
    [
      'a conflict with nothing',
      historyOf([[rival], ['id_conflict']], [[one], ['accepted']]),
      tables([row(one)], [letter(rival, 'id_conflict')]),
      ['conflict_of_nothing', 'accepted_again'],
    ],
    [
      'two contents that are both acknowledged',
      historyOf([[one], ['accepted']], [[rival], unanswered], [[rival], ['duplicate']]),
      tables([row(one)]),
      ['changed', 'both_acknowledged'],
    ],
    ['a ghost', historyOf([[one], ['accepted']]), tables([row(one), row(two)]), ['ghost']],
    [
      'a ghost that never left its client',
      historyOf([[one], { kind: 'unsent' }]),
      tables([row(one)]),
      ['ghost', 'no_end'],
    ],
    [
      'a rejected event that is stored',
      historyOf([[bad], ['schema_invalid']]),
      tables([row(bad)], [letter(bad, 'schema_invalid')]),
      ['rejected_stored', 'letter_of_stored'],
    ],
    [
      'an invalid event that is taken',
      historyOf([[bad], ['accepted']]),
      tables([row(bad)]),
      ['rejected_stored', 'invalid_taken'],
    ],
    [
      'a rejected event that is not kept',
      historyOf([[bad], ['schema_invalid']]),
      tables([]),
      ['letter_missing'],
    ],
    [
      'a letter with another reason',
      historyOf([[bad], ['schema_invalid']]),
      tables([], [letter(bad, 'unknown_type')]),
      ['letter_missing'],
    ],
    [
      'a letter with another content',
      historyOf([[bad], ['schema_invalid']]),
      tables([], [{ ...letter(bad, 'schema_invalid'), content: 'cut off' }]),
      ['letter_ghost', 'letter_missing'],
    ],
    [
      'a letter of what was stored',
      accepted,
      tables([row(one)], [letter(one, 'schema_invalid')]),
      ['letter_of_stored'],
    ],
    [
      'a well event that is rejected after a retry',
      historyOf([[one], ['retry']], [[one], ['schema_invalid']]),
      tables([], [letter(one, 'schema_invalid')]),
      ['well_rejected'],
    ],
    ['an event without an end', historyOf([[one], ['retry']], [[one], unanswered]), tables([]), ['no_end']],
    [
      'a status that is not meant to come',
      historyOf([[one], { kind: 'unexpected', status: 500, body: '{}' }], [[one], ['accepted']]),
      tables([row(one)]),
      ['unexpected_answer'],
    ],
  ])('%s', (_name, history, snapshot, expected) => {
    expect(kinds(history, snapshot).toSorted()).toEqual(expected.toSorted());
  });

  const good = answerOf([one, bad], ['accepted', 'schema_invalid']);
  test.each<[string, Answer, string]>([
    ['a sum', { ...good, counts: { ...good.counts, accepted: 2 } }, 'do not add up'],
    ['a number of events', { ...good, counts: { ...good.counts, received: 3 } }, 'received 3 of 2'],
    [
      'counts of other results',
      { ...good, counts: { ...good.counts, accepted: 0, duplicate: 1 } },
      '0 accepted by the counts, 1 by the results',
    ],
    [
      'a result of no event',
      { ...good, results: [{ index: 2, id: bad.id, status: 'rejected' }] },
      'place 2 of 2',
    ],
    ['two results for one event', { ...good, results: [...good.results, ...good.results] }, 'two results'],
    [
      'a result with another id',
      { ...good, results: [{ index: 1, id: one.id, status: 'rejected' }] },
      'has the id',
    ],
    ['a status', { ...good, status: 200 }, 'status 200, and by its counts 207'],
  ])('an answer that does not add up: %s', (_name, answer, what) => {
    const found = checkHistory(
      historyOf([[one, bad], answer]),
      tables([row(one)], [letter(bad, 'schema_invalid')]),
    );
    expect(found.filter(({ kind }) => kind.endsWith('_wrong')).map((violation) => violation.what)).toEqual([
      expect.stringContaining(what),
    ]);
  });

  test('results that are left out although each was asked for', () => {
    const history = historyOf([[one], ['accepted'], { whole: true }]);
    expect(kinds(history, tables([row(one)]))).toEqual(['counts_wrong']);
  });

  test('an older row or letter that is gone or changed', () => {
    const nothing = historyOf();
    expect(kinds(nothing, { ...tables([]), events: [] })).toEqual(['older_lost']);
    expect(kinds(nothing, { ...tables([]), letters: [] })).toEqual(['older_lost']);
    const altered = { ...row(old), content: { ...old.content, source: 'other' } };
    expect(kinds(nothing, { ...tables([]), events: [altered] })).toEqual(['older_lost', 'ghost']);
    expect(kinds(nothing, tables([row(old)]))).toEqual(['ghost']);
  });

  test('each with all requests that speak of the event, in their order', () => {
    const history = historyOf(
      [[one], ['retry']],
      [[two], ['accepted']],
      [
        [one, two],
        ['accepted', 'duplicate'],
      ],
    );
    expect(checkHistory(history, tables([row(two)]))).toMatchObject([
      { kind: 'lost', id: one.id, requests: [{ number: 0 }, { number: 2 }] },
    ]);
  });
});
