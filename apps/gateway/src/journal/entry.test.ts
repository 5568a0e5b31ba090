import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENTRY_HEADER, ID_AT, TENANT_AT, sealEntry, walkEntries } from './entry.ts';
import { TENANT, idOf, jsonOf } from './testing/test-journal.ts';
import { writeUuid } from './uuid-bytes.ts';

function entry(number: number, filling: number): Buffer {
  const json = Buffer.from(jsonOf(number, filling));
  const bytes = Buffer.concat([Buffer.alloc(ENTRY_HEADER), json]);
  writeUuid(TENANT, bytes, TENANT_AT);
  writeUuid(idOf(number), bytes, ID_AT);
  sealEntry(bytes, 0, json.length);
  return bytes;
}

function walk(bytes: Buffer): {
  entries: [at: number, json: string][];
  damage: [number, number][];
  end: number;
} {
  const entries: [number, string][] = [];
  const damage: [number, number][] = [];
  const end = walkEntries(bytes, 0, {
    entry: (at, length) => entries.push([at, bytes.toString('utf8', at + ENTRY_HEADER, at + length)]),
    damage: (from, to) => damage.push([from, to]),
  });
  return { entries, damage, end };
}

const fillings = fc.array(fc.nat(60), { minLength: 1, maxLength: 8 });

describe('a walk over entries', () => {
  test('cut anywhere: all that are whole, and no other', () => {
    fc.assert(
      fc.property(fillings, fc.nat(), (sizes, place) => {
        const whole = sizes.map((size, number) => entry(number, size));
        const all = Buffer.concat(whole);
        const cut = place % all.length;
        const { entries, damage, end } = walk(all.subarray(0, cut));
        let kept = 0;
        let bytes = 0;
        while (bytes + (whole[kept]?.length ?? Infinity) <= cut) bytes += whole[kept++]?.length ?? 0;
        expect(entries.map(([, json]) => json)).toEqual(
          sizes.slice(0, kept).map((size, number) => jsonOf(number, size)),
        );
        expect(damage).toEqual([]);
        expect(end).toBe(bytes);
      }),
    );
  });

  test('one bit flipped: only the entry that it is in is gone, and its bytes are told', () => {
    fc.assert(
      fc.property(fillings, fc.nat(), fc.nat(7), (sizes, place, bit) => {
        const whole = sizes.map((size, number) => entry(number, size));
        const all = Buffer.concat(whole);
        const flipped = place % all.length;
        all[flipped] = (all[flipped] ?? 0) ^ (1 << bit);
        let hit = 0;
        let begin = 0;
        while (begin + (whole[hit]?.length ?? 0) <= flipped) begin += whole[hit++]?.length ?? 0;
        const { entries, damage, end } = walk(all);
        expect(entries.map(([, json]) => json)).toEqual(
          sizes.map((size, number) => jsonOf(number, size)).filter((_, number) => number !== hit),
        );
        const isLast = hit === sizes.length - 1;
        expect(end).toBe(isLast ? begin : all.length);
        expect(damage).toEqual(isLast ? [] : [[begin, begin + (whole[hit]?.length ?? 0)]]);
      }),
    );
  });

  test('zeros, as a file system may leave them, are no entries', () => {
    const bytes = Buffer.concat([Buffer.alloc(100), entry(1, 0)]);
    expect(walk(bytes)).toMatchObject({ entries: [[100, jsonOf(1)]], damage: [[0, 100]] });
    expect(walk(Buffer.alloc(4096))).toEqual({ entries: [], damage: [], end: 0 });
  });
});
