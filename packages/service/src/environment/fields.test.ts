import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  booleanField,
  countField,
  csvField,
  durationMs,
  networksField,
  portField,
  secretField,
  urlField,
} from './fields.ts';

describe('booleanField', () => {
  test.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    [' on ', true],
    ['false', false],
    ['0', false],
    ['No', false],
    ['off', false],
  ])('reads %j as %j', (text, expected) => {
    expect(booleanField(!expected).parse(text)).toBe(expected);
  });

  test.each(['ture', 'enabled', 'y', '2', 'null'])('refuses %j', (text) => {
    expect(booleanField(true).safeParse(text).success).toBe(false);
  });

  test('has the default it is given', () => {
    expect([booleanField(true).parse(undefined), booleanField(false).parse(undefined)]).toEqual([
      true,
      false,
    ]);
  });
});

describe('csvField', () => {
  test('trims and drops empty parts', () => {
    expect(csvField.parse(' a, b ,,c,')).toEqual(['a', 'b', 'c']);
    expect(csvField.parse(undefined)).toEqual([]);
  });

  test('gives back any list of plain words', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9.-]+$/)), (words) => {
        expect(csvField.parse(words.join(','))).toEqual(words);
      }),
    );
  });
});

describe('durationMs', () => {
  test('is in milliseconds', () => {
    expect([durationMs('1h').parse(undefined), durationMs('1h').parse('250ms')]).toEqual([3_600_000, 250]);
  });
  test.each(['', '10', '1h30m', '-1s', '1.5s'])('refuses %j', (text) => {
    expect(durationMs('1h').safeParse(text).success).toBe(false);
  });
});

describe('countField', () => {
  const field = countField(5, { min: 1, max: 10 });
  test('keeps to its bounds', () => {
    expect([field.parse(undefined), field.parse('1'), field.parse('10')]).toEqual([5, 1, 10]);
    for (const text of ['0', '11', '1.0', '1e1', ' 1', '-1', '0x2', 'one', '99999999999999999999']) {
      expect(field.safeParse(text).success, text).toBe(false);
    }
  });
});

describe('portField', () => {
  test('takes what a port can be', () => {
    expect([
      portField(8080).parse(undefined),
      portField(8080).parse('0'),
      portField(8080).parse('65535'),
    ]).toEqual([8080, 0, 65_535]);
    expect(portField(8080).safeParse('65536').success).toBe(false);
  });
});

describe('urlField', () => {
  test('wants one of its protocols', () => {
    expect(urlField().safeParse('https://example.org/x').success).toBe(true);
    for (const text of ['ftp://example.org', 'example.org', 'http://', '//example.org', 'http:example']) {
      expect(urlField(['https:']).safeParse(text).success, text).toBe(false);
    }
    expect(urlField().optional().parse(undefined)).toBeUndefined();
  });
});

describe('secretField', () => {
  test('wants its length', () => {
    expect(secretField({ min: 8 }).safeParse('12345678').success).toBe(true);
    expect(secretField({ min: 8 }).safeParse('1234567').success).toBe(false);
    expect(secretField({ min: 8 }).safeParse(undefined).error?.issues[0]?.message).toContain('is required');
  });
});

describe('networksField', () => {
  test('takes addresses, networks and the names of networks', () => {
    expect(networksField.parse('10.0.0.1, 10.0.0.0/8,fd00::/8,::1,loopback')).toHaveLength(5);
  });
  test.each([
    '10.0.0.256',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    'example.org',
    '*',
    'true',
  ])('refuses %j', (text) => {
    expect(networksField.safeParse(text).success).toBe(false);
  });
});
