import { expect, test } from 'vitest';
import { table } from './table.ts';

test('numbers stand at the right, words at the left', () => {
  const text = table(
    [
      { title: 'what', align: 'left' },
      { title: 'rate', align: 'right' },
      { title: '', align: 'left' },
    ],
    [
      ['batches', '9/s', 'COPY'],
      ['one', '12,345/s'],
    ],
  );
  expect(text).toBe(
    ['what         rate', '-------  --------  ----', 'batches       9/s  COPY', 'one      12,345/s'].join(
      '\n',
    ),
  );
});
