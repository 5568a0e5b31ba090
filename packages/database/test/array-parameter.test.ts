import { createTestDatabase } from '@rlaas/testkit';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ArrayParameter } from '../src/binary/array-parameter.ts';
import { createDatabase } from '../src/database.ts';

const db = await createTestDatabase();
const database = createDatabase({
  url: db.url,
  poolMax: 1,
  applicationName: 'arrays',
  onIdleError: (error) => {
    throw error;
  },
});
afterAll(() => database.close());

/** A text that Postgres can store: no \u0000, no half of a surrogate pair. */
const storable = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '').toWellFormed());
const row = fc.record({
  text: fc.option(storable),
  uuid: fc.option(fc.uuid()),
  json: fc.option(fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('\\u'))),
  ms: fc.option(fc.integer({ min: -60_000_000_000_000, max: 253_402_300_799_999 })),
  bytes: fc.option(fc.uint8Array({ maxLength: 40 })),
  int: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
});

test('Postgres reads back what was written, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (given) => {
      const text = new ArrayParameter('text', 0);
      const uuid = new ArrayParameter('uuid', 0);
      const json = new ArrayParameter('jsonb', 0);
      const time = new ArrayParameter('timestamptz', 0);
      const bytes = new ArrayParameter('bytea', 0);
      const int = new ArrayParameter('int4', 0);
      for (const one of given) {
        if (one.text === null) text.null();
        else text.text(one.text);
        if (one.uuid === null) uuid.null();
        else uuid.uuid(one.uuid);
        if (one.json === null) json.null();
        else json.jsonb(JSON.stringify(one.json));
        if (one.ms === null) time.null();
        else time.timestamp(one.ms);
        if (one.bytes === null) bytes.null();
        else bytes.bytes(one.bytes);
        if (one.int === null) int.null();
        else int.int4(one.int);
      }
      const { rows } = await database.transaction({ role: 'rlaas_worker', tenants: [] }, (tx) =>
        tx.query<{
          t: string | null;
          u: string | null;
          j: string | null;
          m: number | null;
          b: Buffer;
          i: number;
        }>(
          `select t, u, j::text, (extract(epoch from m) * 1000)::float8 as m, b, i
           from unnest($1::text[], $2::uuid[], $3::jsonb[], $4::timestamptz[], $5::bytea[], $6::int[])
             with ordinality as x (t, u, j, m, b, i, n) order by n`,
          [text, uuid, json, time, bytes, int].map((parameter) => parameter.finish()),
        ),
      );
      expect(
        rows.map(({ t, u, j, m, b, i }) => ({
          text: t,
          uuid: u,
          json: j === null ? null : JSON.stringify(JSON.parse(j)),
          ms: m,
          bytes: b === null ? null : [...b],
          int: i,
        })),
      ).toEqual(
        given.map((one) => ({
          ...one,
          json: one.json === null ? null : sortedText(one.json),
          bytes: one.bytes === null ? null : [...one.bytes],
        })),
      );
    }),
    { numRuns: 100 },
  );
});

/** As jsonb gives it back: members by length of their name, then by its bytes; -0 is 0. */
function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).toSorted(([a], [b]) => {
      const [one, other] = [Buffer.from(a), Buffer.from(b)];
      return one.length - other.length || Buffer.compare(one, other);
    });
    return Object.fromEntries(entries);
  });
}
