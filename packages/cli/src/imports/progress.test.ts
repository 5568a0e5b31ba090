import { expect, test } from 'vitest';
import { createProgress } from './progress.ts';

test('without a terminal it is a line for each 10 %, once', () => {
  const printed: string[] = [];
  const progress = createProgress({ label: 'sending x', print: (line) => printed.push(line), now: () => 0 });
  for (let share = 0; share <= 1; share += 0.004) progress.at(share);
  progress.at(1.2);
  progress.end();
  expect(printed).toEqual(Array.from({ length: 10 }, (_, index) => `sending x  ${(index + 1) * 10} %`));
});

test('on a terminal it is a bar that is drawn over itself ten times a second', () => {
  const drawn: string[] = [];
  let time = 0;
  const progress = createProgress({
    label: 'x',
    print: () => expect.unreachable(),
    draw: (text) => drawn.push(text),
    now: () => time,
  });
  for (; time <= 1_000; time += 10) progress.at(time / 2_000);
  progress.end();
  expect(drawn).toHaveLength(13);
  expect(drawn[0]).toBe(`\rx  [${'-'.repeat(30)}]   0 %`);
  expect(drawn.slice(-2)).toEqual([`\rx  [${'#'.repeat(15)}${'-'.repeat(15)}]  50 %`, '\n']);
});
