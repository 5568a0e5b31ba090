import fc from 'fast-check';
import { expect, test } from 'vitest';
import { progressBar } from './progress-bar.ts';

test('a third of the work', () => {
  expect(progressBar({ done: 1_000, total: 3_000, unit: 'decisions' })).toBe(
    '[##########....................]  33 %  1,000 of 3,000 decisions',
  );
});

test('the bar is as long as ever, grows with the work, and is full at its end only', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(10_000), (one, other, total) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)].map((done) => {
        const line = progressBar({ done, total, unit: 'decisions' });
        expect(line.indexOf(']')).toBe(31);
        return { done, full: line.split('#').length - 1, percent: Number(/(\d+) %/.exec(line)?.[1]) };
      });
      expect(more?.full).toBeGreaterThanOrEqual(less?.full ?? 0);
      expect(less?.full === 30).toBe(total > 0 && (less?.done ?? 0) >= total);
      expect(less?.percent === 100).toBe(less?.full === 30);
    }),
  );
});
