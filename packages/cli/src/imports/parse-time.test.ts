import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTime } from './parse-time.ts';

test.each([
  ['2019-11-24 00:00:34.762830+00:00', '2019-11-24T00:00:34.762Z'],
  ['2025-02-03T10:00:00+01:00', '2025-02-03T09:00:00.000Z'],
  ['2025-02-03T23:30:00-0130', '2025-02-04T01:00:00.000Z'],
  ['2025-02-03T10:00', '2025-02-03T10:00:00.000Z'],
  ['2025-02-03', '2025-02-03T00:00:00.000Z'],
  ['2024-02-29T00:00:00.5Z', '2024-02-29T00:00:00.500Z'],
  ['1700000000', '2023-11-14T22:13:20.000Z'],
  [1_700_000_000.25, '2023-11-14T22:13:20.250Z'],
  [1_700_000_000_000, '2023-11-14T22:13:20.000Z'],
])('%s is %s', (given, expected) => {
  expect(parseTime(given)).toBe(expected);
});

test.each([
  '',
  'yesterday',
  '2025-02-30',
  '2025-13-01',
  '2025-02-03T24:00:00Z',
  '2025-02-03T10:60:00Z',
  '2025-02-03T10:00:00+25:00',
  '03/02/2025',
  '0000-01-01T00:00:00+01:00',
  -1,
  Number.NaN,
  Number.MAX_VALUE,
  true,
  null,
  undefined,
])('%s is no time', (given) => {
  expect(parseTime(given)).toBeUndefined();
});

test('what is in the form of events already stays as it is', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        expect(parseTime(date.toISOString())).toBe(date.toISOString());
      },
    ),
  );
});
