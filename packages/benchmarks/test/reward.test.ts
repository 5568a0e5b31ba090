import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createReleases } from '../src/releases.ts';
import { runRewardBench } from '../src/reward/reward-bench.ts';

test(
  'measures rewards beside one SQL statement that makes the same numbers',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rlaas-reward-'));
    const releases = createReleases();
    try {
      const result = await runRewardBench(
        {
          quick: true,
          root: fileURLToPath(new URL('../../../', import.meta.url)),
          folder,
          releases,
          now: Date.now,
          print: () => undefined,
        },
        { decisions: 2_000, repetitions: 2, early: 4 },
      );
      expect(result.figures[0]).toMatchObject({ name: 'events into 2000 rewards', goal: 0.5 });
      for (const { measured, reference } of result.figures) {
        expect([...measured, ...(reference?.measured ?? [])].every((value) => value > 0)).toBe(true);
      }
      expect(result.notes[0]).toContain('goal 0.50 of the SQL statement');
    } finally {
      await releases.releaseAll();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
