import { newId } from '@rlaas/database';
import { type Attack, atOnce } from '../attack.ts';

const event = (): Record<string, unknown> => ({
  id: newId(Date.now()),
  type: 'outcome',
  occurred_at: new Date().toISOString(),
  source: 'hostile',
  decision_id: newId(Date.now()),
  data: { name: 'right', value: 'VALUE' },
});

/** Events with a value, and with a member more, written as JSON by hand. */
function bodiesWith(json: string): string[] {
  const text = JSON.stringify(event());
  return [
    text.replace('"VALUE"', json),
    text.replace(/}$/, `,"more":${json}}`),
    text.replace('"hostile"', json),
    text.replace('"outcome"', json),
    text.replace(/"id":"[^"]+"/, `"id":${json}`),
    text.replace(/}$/, `,"subject":${json}}`),
    text.replace(/}$/, `,"policy":"support-draft","episode_id":${json}}`),
    text.replace(/"occurred_at":"[^"]+"/, `"occurred_at":${json}`),
  ];
}

const VALUES = [
  ['1e400', '-1e400', '-0', '1e-400', '9007199254740993', '-9007199254740993', '1e308', '5e-324', '0.1e1'],
  ['NaN', 'Infinity', '-Infinity', '01', '1.', '.5', '+1', '0x10', '1_000', "'a'", 'undefined', ''],
  [
    String.raw`"\u0000"`,
    String.raw`"\ud800"`,
    String.raw`"\udc00\ud800"`,
    String.raw`"\ud83d\ude00"`,
    '"\u2028"',
  ],
  ['"\u0001"', '"\\x41"', '"\\u00"', '"a\nb"', '"\uFEFF"', '"\uFFFF"', '"\u202Eabc"', '""', '" "'],
  [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"toString":1,"valueOf":1}',
  ],
  [
    '{"toJSON":1}',
    '{"hasOwnProperty":1}',
    '{"then":1}',
    '{"length":1e9}',
    '{"0":1,"length":1}',
    '[null]',
    '[[]]',
  ],
  [
    '{"":1}',
    '{"a":1,"a":2}',
    String.raw`{"\u0000":1}`,
    String.raw`{"\ud800":1}`,
    '{"a~/b":{"c":[1,{"d":null}]}}',
  ],
  [
    'true',
    'null',
    '[]',
    '{}',
    '"2026-02-30T00:00:00.000Z"',
    '"9999-12-31T23:59:59.999Z"',
    '"0000-01-01T00:00:00.000Z"',
  ],
  ['"+275760-09-13T00:00:00.000Z"', '"-271821-04-20T00:00:00.000Z"', '"1969-12-31T23:59:59.999Z"'],
  ['"ffffffff-ffff-7fff-bfff-ffffffffffff"', '"00000000-0000-7000-8000-000000000000"'],
  JSON.stringify('x'.repeat(300_000)),
  JSON.stringify('\u0001'.repeat(50_000)),
  JSON.stringify('\\"'.repeat(50_000)),
  JSON.stringify("'; drop table rlaas.events; --"),
].flat();

function* encodings(text: string): Generator<Uint8Array> {
  yield Buffer.from(text, 'utf16le');
  yield Buffer.from(`\uFEFF${text}`, 'utf16le');
  yield Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
  yield Buffer.from(text.replace('VALUE', 'äöü'), 'latin1');
  yield Buffer.from(`\uFEFF${text}`);
  const [before = '', after = ''] = text.split('VALUE');
  const sequences = [
    [0xc0, 0x80],
    [0xc1, 0xbf],
    [0xe0, 0x80, 0xaf],
    [0xf0, 0x80, 0x80, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0xff],
    [0xfe, 0xff],
    [0x80],
    [0xe2, 0x82],
    [0x00],
  ];
  for (const bytes of sequences)
    yield Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}

/** Texts, numbers and names with which parsers and databases differ, in every place. */
export const strangeValues: Attack = {
  name: 'strange values',
  async run({ post }) {
    const well = JSON.stringify({ events: [event()] });
    for (const body of encodings(well)) {
      for (const type of ['application/json', 'application/x-ndjson', 'application/json; charset=utf-16']) {
        await post(body, { 'content-type': type });
      }
    }
    const everywhere = async (json: string): Promise<void> => {
      const events = bodiesWith(json);
      for (const text of events) await post(`{"events":[${text}]}`);
      await post(events.join('\n'), { 'content-type': 'application/x-ndjson' });
      await post(`{"events":[{}],${JSON.stringify('mode')}:${json}}`);
      await post(`{"events":${json}}`);
      await post(`{"events":[{}],"import_id":${json},"__proto__":${json}}`);
      await post(json);
      const cloud = `{"specversion":"1.0","id":"1","source":"/x","type":"outcome","time":"${new Date().toISOString()}"`;
      for (const name of [
        'id',
        'source',
        'type',
        'time',
        'data',
        'subject',
        'decisionid',
        'datacontenttype',
        '__proto__',
      ]) {
        await post(`[${cloud},"${name}":${json}}]`, { 'content-type': 'application/cloudevents-batch+json' });
      }
    };
    await atOnce(
      4,
      VALUES.map((json) => () => everywhere(json)),
    );
  },
};

/** Requests that are wrong around their body. */
export const strangeRequests: Attack = {
  name: 'strange requests',
  beside: true,
  async run({ post, dribble, head }) {
    const body = JSON.stringify({ events: [event()] });
    const types = [
      '',
      ';',
      'application/json;',
      'application/json; charset=',
      'a/b'.repeat(1_000),
      'application/json, text/plain',
      '*/*',
    ];
    for (const type of types) await post(body, { 'content-type': type });
    for (const encoding of ['', 'gzip,', 'GZIP', 'br, gzip', 'chunked', 'x'.repeat(5_000)]) {
      await post(body, { 'content-encoding': encoding });
    }
    for (const query of [
      '?mode=all',
      '?mode=atomic&mode=partial',
      '?import_id=x',
      '?key=x',
      `?mode=${'x'.repeat(5_000)}`,
      '?%ff',
      '?mode[a]=1',
      '?__proto__=1',
    ]) {
      await post(body, {}, `/v1/events${query}`);
    }
    for (const prefer of ['return=representation', 'return=minimal', 'x'.repeat(5_000)])
      await post(body, { prefer });
    await Promise.all(
      [
        [head('transfer-encoding: chunked'), 'zz\r\n'],
        [head('transfer-encoding: chunked'), 'ffffffffffffffff\r\nabc'],
        [head('transfer-encoding: chunked'), '5\r\nabc'],
        [head('transfer-encoding: chunked', 'content-length: 5'), '0\r\n\r\n'],
        [head('transfer-encoding: gzip, chunked'), '0\r\n\r\n'],
        [head('content-length: 5, 6'), 'abcde'],
        [head('content-length: 0')],
        [head()],
        [head('expect: 100-continue', 'content-length: 8388609')],
        [head(`x: ${'y'.repeat(20_000)}`)],
        ['POST /v1/events HTTP/9.9\r\n\r\n'],
        ['\0\0\0\0'],
        [`${head('content-length: 2')}{}${head('content-length: 2')}{}`],
      ].map((pieces) => dribble(pieces, 10)),
    );
  },
};
