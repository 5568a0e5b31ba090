import { type Attack, atOnce } from '../attack.ts';

/** A little less than the largest body. */
const BYTES = 7.9 * 1024 * 1024;
const TYPES = ['application/json', 'application/x-ndjson', 'application/cloudevents-batch+json'];

const filled = (unit: string): string => unit.repeat(Math.floor(BYTES / unit.length));
const inEvents = (text: string): string => `{"events":[${text}]}`;

function nested(depth: number): string[] {
  return [
    '['.repeat(depth),
    '['.repeat(depth) + ']'.repeat(depth),
    '{"a":'.repeat(depth),
    `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    '[{"a":'.repeat(depth),
  ];
}

function* bodies(): Generator<string> {
  for (const depth of [33, 64, 65, 10_000, 1_000_000]) {
    for (const text of nested(depth)) yield* [text, inEvents(text)];
  }
  for (const unit of ['[', '{"a":', '{"a":{"a":', '[[[[', '{"a":[', ']', '}', '"', '\\', ','])
    yield filled(unit);
  // An open quote in the line before hides brackets from whoever looks at the whole.
  yield `{"a":"\n${filled('[')}`;
}

/** Brackets without end, by themselves and as events, in every form. */
export const deepNesting: Attack = {
  name: 'deep nesting',
  async run({ post, random, long }) {
    for (const body of bodies()) {
      for (const type of TYPES) await post(body, { 'content-type': type });
    }
    const deep = [filled('['), filled('{"a":'), `"\n${filled('[')}`];
    const many = Array.from({ length: long ? 200 : 24 }, () => random.pick(deep));
    await atOnce(
      8,
      many.map((body) => () => post(body, { 'content-type': random.pick(TYPES) })),
    );
  },
};

/** Bodies that are large in memory, or much work, once they are parsed. */
export const wideValues: Attack = {
  name: 'many small values',
  async run({ post, long }) {
    const names = Array.from({ length: 600_000 }, (_, n) => `"n${n}":0`).join(',');
    // The parser remembers objects by their names: worst with a hundred in each and none twice.
    const objects = Array.from(
      { length: 6_000 },
      (_, n) => `{${Array.from({ length: 100 }, (__, m) => `"${n}-${m}":0`).join(',')}}`,
    );
    const numbers = [
      filled('7'),
      `0.${filled('3')}`,
      `1e${filled('9')}`,
      `-${filled('9')}`,
      `1${filled('0')}e-9`,
    ];
    const small = [
      '{},',
      '[],',
      '1,',
      '"",',
      '{"a":{"b":[]}},',
      '[[[[[[]]]]]],',
      '{"type":"outcome"},',
      '0.5,',
      'null,',
    ];
    const all: [string, string][] = [
      ...numbers.map((text): [string, string] => [TYPES[0] ?? '', inEvents(text)]),
      ...small.map((unit): [string, string] => [TYPES[0] ?? '', inEvents(filled(unit).slice(0, -1))]),
      ...small.map((unit): [string, string] => [TYPES[1] ?? '', filled(unit.replace(/,$/, '\n'))]),
      ...small.map((unit): [string, string] => [TYPES[2] ?? '', `[${filled(unit).slice(0, -1)}]`]),
      [TYPES[1] ?? '', filled('\n')],
      [TYPES[1] ?? '', filled(' \r\n')],
      [TYPES[1] ?? '', filled('{\n')],
      [TYPES[0] ?? '', inEvents(`{${names}}`)],
      [TYPES[0] ?? '', `{"events":[],${names}}`],
      [TYPES[0] ?? '', inEvents(objects.join(','))],
      [TYPES[1] ?? '', objects.join('\n')],
      [TYPES[0] ?? '', inEvents(`{"type":"outcome","data":{${names}}}`)],
      [TYPES[0] ?? '', inEvents(JSON.stringify('a.'.repeat(4_000_000)))],
      [TYPES[0] ?? '', inEvents(JSON.stringify({ type: 'a.'.repeat(2_000_000), id: 'a'.repeat(2_000_000) }))],
      [TYPES[2] ?? '', JSON.stringify([cloudEventOfType('a.'.repeat(3_900_000))])],
      [TYPES[2] ?? '', JSON.stringify([cloudEventOfType('a'.repeat(7_900_000))])],
    ];
    for (const [type, body] of all) await post(body, { 'content-type': type });
    for (let round = 0; round < (long ? 5 : 1); round += 1) {
      await atOnce(
        8,
        all.map(
          ([type, body]) =>
            () =>
              post(body, { 'content-type': type }),
        ),
      );
    }
  },
};

function cloudEventOfType(type: string): Record<string, string> {
  return { specversion: '1.0', id: '1', source: '/x', type, time: '2026-03-01T00:00:00Z' };
}
