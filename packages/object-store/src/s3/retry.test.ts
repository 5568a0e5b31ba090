import { describe, expect, it } from 'vitest';
import { pauseMs, retrying } from './retry.ts';

describe('retrying', () => {
  const tryWith = async (failures: number, attempts: number, isPassing = true) => {
    const pauses: number[] = [];
    const policy = { attempts, wait: async (ms: number) => void pauses.push(ms) };
    let calls = 0;
    const run = async (): Promise<string> => {
      calls += 1;
      if (calls <= failures) throw new Error(`failure ${calls}`);
      return 'done';
    };
    const result = await retrying(policy, () => isPassing, run).catch((error: Error) => error.message);
    return { result, calls, pauses: pauses.length };
  };

  it('goes on until it succeeds', async () => {
    expect(await tryWith(2, 5)).toEqual({ result: 'done', calls: 3, pauses: 2 });
  });

  it('gives up with the last error when the attempts are used up', async () => {
    expect(await tryWith(9, 3)).toEqual({ result: 'failure 3', calls: 3, pauses: 2 });
  });

  it('gives up at once when no repetition can help', async () => {
    expect(await tryWith(9, 3, false)).toEqual({ result: 'failure 1', calls: 1, pauses: 0 });
  });
});

it('pauses longer each time, within bounds', () => {
  for (const [attempt, longest] of [
    [1, 100],
    [2, 200],
    [4, 800],
    [30, 5_000],
  ] as const) {
    expect(pauseMs(attempt)).toBeGreaterThanOrEqual(longest / 2);
    expect(pauseMs(attempt)).toBeLessThanOrEqual(longest);
  }
});
