import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRows } from './csv-rows.ts';
import { collect, pieces } from './test-pieces.ts';

const options = { path: 'x.csv', delimiter: ',', required: ['a'] };
const read = (text: string, more: Partial<typeof options> = {}, size = 3) =>
  collect(csvRows(pieces(text, size), { ...options, ...more }));

test('rows have the names of the first one, and the lines they end on', async () => {
  expect(await read('a,b\n1,"x,\ny"\n\n2,"say ""hi"""\r\n')).toEqual([
    { readable: true, line: 3, values: { a: '1', b: 'x,\ny' } },
    { readable: true, line: 5, values: { a: '2', b: 'say "hi"' } },
  ]);
  expect(await read('a;b\n1;2\n', { delimiter: ';' })).toMatchObject([{ values: { a: '1', b: '2' } }]);
});

test('rows do not depend on how the file is cut into pieces, or on how its lines end', async () => {
  const field = fc.stringMatching(/^[a"\n, ]{0,5}$/);
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(field, field, fc.constantFrom('\n', '\r\n'))),
      fc.integer({ min: 1, max: 9 }),
      async (rows, size) => {
        const text = `a,b\n${rows.map(([a, b, end]) => `${quoted(a)},${quoted(b)}${end}`).join('')}`;
        const found = await read(text, {}, size);
        expect(found.map(({ values }) => values)).toEqual(rows.map(([a, b]) => ({ a, b })));
        const last = text.split('\n').length - 1;
        expect(found.at(-1)?.line ?? last).toBe(last);
      },
    ),
  );
});

test('a row with another number of fields is refused alone', async () => {
  expect(await read('a,b\n1\n1,2,3\n3,4\n')).toMatchObject([
    { readable: false, line: 2, values: ['1'], reason: 'has 1 field, the first row has 2' },
    { readable: false, line: 3, reason: 'has 3 fields, the first row has 2' },
    { readable: true, line: 4 },
  ]);
});

test('what is wrong with the file as a whole ends it', async () => {
  await expect(read('b,c\n1,2\n')).rejects.toThrow('x.csv: has no column "a". Its columns: b, c.');
  await expect(read('a,b,a\n')).rejects.toThrow('x.csv: has two columns "a".');
  await expect(read('')).rejects.toThrow('x.csv: is empty.');
  await expect(read('a,b\n1,"x\n2,y\n')).rejects.toThrow('x.csv: is no CSV: ');
});
