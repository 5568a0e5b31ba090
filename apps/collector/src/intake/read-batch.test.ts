import { JsonShape } from '@rlaas/service';
import { describe, expect, test } from 'vitest';
import { Unreadable } from '../events/unreadable.ts';
import { type BatchFormat, batchTypes, formatOf, readBatch } from './read-batch.ts';

const read = (body: string | Buffer, format: BatchFormat = 'json') =>
  readBatch(typeof body === 'string' ? Buffer.from(body) : body, format, (limits) => new JsonShape(limits));
const lines = (body: string): unknown[] => {
  const batch = read(body, 'ndjson');
  if (!batch.ok) throw new Error(batch.message);
  return (batch.body as { events: unknown[] }).events;
};

describe('content types', () => {
  test.each([
    ['application/json', 'json'],
    ['Application/JSON ; charset=UTF-8', 'json'],
    ['application/json;charset="utf8"', 'json'],
    ['application/json; profile=x; charset=utf-8', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson', 'ndjson'],
    ['application/jsonl', 'ndjson'],
    ['application/cloudevents-batch+json; charset=utf-8', 'cloudevents-batch'],
    ['application/cloudevents+json', 'cloudevents'],
    ['application/json; charset=utf-16', undefined],
    ['application/json; charset=latin1', undefined],
    ['application/json; charset=', undefined],
    ['application/xml', undefined],
    ['application/cloudevents+xml', undefined],
    ['text/plain', undefined],
    ['', undefined],
  ])('%s is %s', (type, format) => {
    expect(formatOf(type)).toBe(format);
  });
  test('each that is named is taken', () => {
    expect(batchTypes.map(formatOf)).not.toContain(undefined);
  });
});

describe('bodies', () => {
  test('a mark at the beginning is not part of it', () => {
    expect(read('\uFEFF{"events":[]}')).toEqual({ ok: true, body: { events: [] } });
    expect(lines('\uFEFF{"a":1}\n')).toEqual([{ a: 1 }]);
  });

  test.each<[string, Buffer | string, string]>([
    ['nothing', '', 'The body is empty.'],
    ['blanks', ' \n\t ', 'The body is empty.'],
    ['a mark alone', '\uFEFF', 'The body is empty.'],
    ['Latin-1', Buffer.from('{"a":"ä"}', 'latin1'), 'The body is not UTF-8.'],
    ['overlong UTF-8', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'The body is not UTF-8.'],
    ['half of a pair as UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'The body is not UTF-8.'],
    ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), 'The body is not UTF-8.'],
    ['UTF-16 without a mark', Buffer.from('{}', 'utf16le'), 'The body is not valid JSON.'],
    ['half a body', '{"events":[', 'The body is not valid JSON.'],
    ['two of them', '{} {}', 'The body is not valid JSON.'],
    ['NaN', '{"events":[NaN]}', 'The body is not valid JSON.'],
    ['65 levels', '['.repeat(65), 'The body nests deeper than 64 levels.'],
    ['small objects', `[${'{},'.repeat(2_000_000)}{}]`, 'The body has more than 250000 objects and lists.'],
  ])('%s is none', (_name, body, message) => {
    expect(read(body)).toEqual({ ok: false, message });
  });

  test('names without end take no seconds', () => {
    const named = (names: number, each: number): string =>
      `[${Array.from({ length: names / each }, (_, n) => `{${Array.from({ length: each }, (__, m) => `"${n}-${m}":0`).join(',')}}`).join(',')}]`;
    expect(read(named(50_000, 100))).toMatchObject({ ok: true });
    expect(read(named(50_100, 100))).toEqual({
      ok: false,
      message: 'The body has more than 50000 different names of members.',
    });
    // Of many members with few names there is no end.
    expect(read(`[${'{"a":0,"b":0,"c":0},'.repeat(200_000)}0]`)).toMatchObject({ ok: true });
  });

  test('64 levels are parsed', () => {
    expect(read('['.repeat(64) + ']'.repeat(64))).toMatchObject({ ok: true });
  });

  test('CloudEvents: a list, or one', () => {
    expect(read('{}', 'cloudevents-batch')).toEqual({
      ok: false,
      message: 'A batch of CloudEvents must be a list.',
    });
    expect(read('[7]', 'cloudevents-batch')).toMatchObject({ ok: true, body: { events: [{ path: '' }] } });
    expect(read('7', 'cloudevents')).toMatchObject({ ok: true, body: { events: [{ path: '' }] } });
  });
});

describe('lines', () => {
  test('each is an event; blank ones are left out, whatever ends them', () => {
    expect(lines('\r\n{"a":1}\r\n\r\n  \n{"a":2}\n3')).toEqual([{ a: 1 }, { a: 2 }, 3]);
  });

  test('one that is no JSON is so alone, and stays as it was sent', () => {
    expect(lines('{"a":1}\n{"a":\n{"a":2}')).toEqual([
      { a: 1 },
      new Unreadable('{"a":', '', 'this line is not valid JSON'),
      { a: 2 },
    ]);
  });

  test('brackets and quotes that a line leaves open do not reach into the next', () => {
    const open = '{"a":[{"b":['.repeat(3);
    const many = Array.from({ length: 40 }, () => open);
    expect(lines([...many, '{"a":1}'].join('\n')).at(-1)).toEqual({ a: 1 });
    // A quote that is open would hide the brackets of the next line from whoever looks at the whole text.
    const deep = `[${'['.repeat(100)}`;
    expect(lines(`{"a":"\n${deep}\n{"a":1}`)).toEqual([
      new Unreadable('{"a":"', '', 'this line is not valid JSON'),
      new Unreadable(deep, '', 'nests deeper than 64 levels'),
      { a: 1 },
    ]);
  });

  test('small objects fill no memory, over however many lines', () => {
    const line = `[${'{},'.repeat(20_000)}{}]\n`;
    expect(read(line.repeat(12), 'ndjson')).toMatchObject({ ok: true });
    expect(read(line.repeat(13), 'ndjson')).toEqual({
      ok: false,
      message: 'The body has more than 250000 objects and lists.',
    });
  });

  test('what is more than a batch may have is not read to its end', () => {
    expect(lines('1\n'.repeat(4_000_000)).length).toBe(1_001);
  });
});
