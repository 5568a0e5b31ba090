import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { newId } from '@rlaas/database';
import type { Random } from '../../chaos/random.ts';
import { type Attack, atOnce } from '../attack.ts';

const CLIENTS = 8;
const PROGRESS = 10_000;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

function wellMade(random: Random): Record<string, Json> {
  const common = {
    id: newId(Date.now() - random.int(0, 3_600_000)),
    occurred_at: new Date(Date.now() - random.int(0, 1e9)).toISOString(),
    source: 'mutant',
  };
  const about = { ...common, decision_id: newId(Date.now()) };
  return random.pick<() => Record<string, Json>>([
    () => ({
      ...about,
      type: 'outcome',
      data: { name: 'right', value: random.pick<Json>([true, 1.5, 'ja']) },
    }),
    () => ({
      ...about,
      type: 'feedback',
      subject: 'ada',
      data: { name: 'quality', rating: 4, comment: 'schön 😀' },
    }),
    () => ({ ...about, type: 'reward', data: { value: random.next() } }),
    () => ({
      ...about,
      type: 'demonstration',
      data: { draft: 'a'.repeat(random.int(0, 2_000)), final: 'b' },
    }),
    () => ({ ...about, type: 'activation' }),
    () => ({
      ...common,
      type: 'decision',
      policy: 'support-draft',
      data: {
        context: { language: 'de', tokens: [1, 2, 3], nested: { deep: { deeper: 1 } } },
        actions: [{ id: 'a' }, { id: 'b', features: { cost: 0.1 } }],
        probabilities: [0, 1],
        chosen: 1,
        propensity: 1,
        policy_version: null,
        checkpoint: null,
        mode: 'baseline',
      },
    }),
  ])();
}

const STRANGE: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  -0.5,
  2 ** 53,
  '',
  'x',
  '\0',
  '\uD800',
  '__proto__',
  [],
  {},
  [[]],
  { a: {} },
  'x'.repeat(5_000),
  '2026-03-01T00:00:00.000Z',
  '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
];

/** A copy: what is put into one place is changed later and must not change elsewhere. */
const strange = (random: Random): Json => structuredClone(random.pick(STRANGE));

interface Place {
  parent: Json[] | { [name: string]: Json };
  name: string;
  value: Json;
}

function placesOf(value: Json, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, member] of Object.entries(value)) {
    found.push({ parent: value, name, value: member });
    placesOf(member, found);
  }
  return found;
}

/** By definition, so that a name such as `__proto__` is one like any other. */
const put = (parent: Place['parent'], name: string, value: Json): void => {
  if (Array.isArray(parent) && !/^\d+$/.test(name)) parent.push(value);
  else Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
};

/** Changes somewhere in the values: another type, swapped members, one that is gone, renamed or doubled. */
function mutateValue(body: Json, random: Random): Json {
  const places = placesOf(body);
  if (places.length === 0) return body;
  const [one, two] = [random.pick(places), random.pick(places)];
  switch (random.int(0, 5)) {
    case 0:
      put(one.parent, one.name, strange(random));
      break;
    case 1:
      put(one.parent, one.name, structuredClone(two.value));
      break;
    case 2:
      Reflect.deleteProperty(one.parent, one.name);
      break;
    case 3:
      put(
        one.parent,
        random.pick(['__proto__', 'constructor', 'id', 'data', '', 'length', '0', 'x'.repeat(300)]),
        strange(random),
      );
      break;
    case 4: {
      let wrapped: Json = structuredClone(one.value);
      for (let level = random.int(1, 70); level > 0; level -= 1)
        wrapped = random.chance(0.5) ? [wrapped] : { a: wrapped };
      put(one.parent, one.name, wrapped);
      break;
    }
    default:
      if (Array.isArray(one.parent)) one.parent.push(structuredClone(one.value));
      else put(one.parent, `${one.name}${random.pick(['', ' ', '\0', 'é'])}`, structuredClone(one.value));
  }
  return body;
}

/** Changes bytes: flipped, cut off, put in, repeated, taken out, moved. */
function mutateBytes(body: Buffer, random: Random): Buffer {
  const at = random.int(0, Math.max(0, body.length - 1));
  const length = random.int(1, 64);
  const slice = body.subarray(at, at + length);
  const [before, after] = [body.subarray(0, at), body.subarray(at + length)];
  switch (random.int(0, 5)) {
    case 0: {
      const flipped = Buffer.from(body);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(0, 7));
      return flipped;
    }
    case 1:
      return before;
    case 2: {
      const piece = random.pick([
        '"',
        '{',
        '[',
        ']',
        '}',
        ',',
        ':',
        '\\',
        '\n',
        '\0',
        'e999',
        '-',
        '\\ud800',
        '\uFEFF',
        '//',
      ]);
      return Buffer.concat([before, Buffer.from(piece), body.subarray(at)]);
    }
    case 3:
      return Buffer.concat([before, ...Array.from({ length: random.int(2, 200) }, () => slice), after]);
    case 4:
      return Buffer.concat([before, after]);
    default:
      return Buffer.concat([after, slice, before]);
  }
}

const PACKERS = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync };

/** A request whose batch was well before something happened to it. */
function mutant(random: Random): { body: Buffer; headers: Record<string, string>; path: string } {
  const events = Array.from({ length: random.int(1, 5) }, () => wellMade(random));
  const lines = random.chance(0.25);
  let value: Json = lines ? events : { events };
  for (let times = random.int(0, 3); times > 0; times -= 1) value = mutateValue(value, random);
  const text =
    Array.isArray(value) && lines
      ? value.map((line) => JSON.stringify(line)).join('\n')
      : JSON.stringify(value);
  let body: Buffer = Buffer.from(text);
  for (let times = random.int(0, 2); times > 0; times -= 1) body = mutateBytes(body, random);
  const headers: Record<string, string> = {
    'content-type': lines ? 'application/x-ndjson' : 'application/json',
  };
  if (random.chance(0.15)) {
    const encoding = random.pick(['gzip', 'br', 'zstd'] as const);
    body = PACKERS[encoding](body);
    if (random.chance(0.5)) body = mutateBytes(body, random);
    headers['content-encoding'] = encoding;
  }
  if (random.chance(0.05)) headers['content-type'] = 'application/cloudevents-batch+json';
  return { body, headers, path: random.chance(0.1) ? '/v1/events?mode=atomic' : '/v1/events' };
}

/** Batches that were well before something happened to them. */
export const mutations: Attack = {
  name: 'random mutations',
  async run({ post, random, mutations: count, progress }) {
    let sent = 0;
    function* tasks(): Generator<() => Promise<unknown>> {
      for (let n = 0; n < count; n += 1) {
        const { body, headers, path } = mutant(random.fork(String(n)));
        yield () => {
          sent += 1;
          if (sent % PROGRESS === 0) progress(`${sent} of ${count} mutations`);
          return post(body, headers, path);
        };
      }
    }
    await atOnce(CLIENTS, tasks());
  },
};
