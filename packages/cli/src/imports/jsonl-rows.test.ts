import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonlRows } from './jsonl-rows.ts';
import { collect, pieces } from './test-pieces.ts';

test('each line is an object; empty ones count, and others are refused alone', async () => {
  const rows = await collect(jsonlRows(pieces('{"a":1}\n\n[1]\r\n{"a"\n{"a":2}', 2), 'x'));
  expect(rows).toEqual([
    { readable: true, line: 1, values: { a: 1 } },
    { readable: false, line: 3, values: [1], reason: 'is no object' },
    { readable: false, line: 4, values: '{"a"', reason: 'is no JSON' },
    { readable: true, line: 5, values: { a: 2 } },
  ]);
});

test('rows do not depend on how the file is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      fc.integer({ min: 1, max: 40 }),
      async (rows, size) => {
        const text = rows.map((row) => JSON.stringify(row)).join('\n');
        const read = await collect(jsonlRows(pieces(text, size), 'x'));
        expect(read.map(({ values }) => JSON.stringify(values))).toEqual(
          rows.map((row) => JSON.stringify(row)),
        );
      },
    ),
  );
});

test('a file without line ends is refused before it fills the memory', async () => {
  async function* endless(): AsyncGenerator<string> {
    for (;;) yield 'x'.repeat(1024 * 1024);
  }
  await expect(collect(jsonlRows(endless(), 'x'))).rejects.toThrow('x: has a line of more than 8 MiB');
});
