import { expect, test } from 'vitest';
import { peakOf, watchPeakMemory } from './peak-memory.ts';

test('reads the peak that Linux keeps', () => {
  expect(peakOf('Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n')).toBe(
    2_097_152,
  );
});

test('a process that has ended has none', () => {
  expect(() => peakOf('Name:\tnode\nState:\tZ (zombie)\n')).toThrow('has ended');
});

test('this process holds at least what it says itself', async () => {
  const memory = watchPeakMemory(process.pid);
  const before = process.memoryUsage.rss();
  expect(await memory.bytes()).toBeGreaterThan(before * 0.9);
  memory.stop();
});
