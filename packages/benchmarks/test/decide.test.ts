import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decideSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { bodiesAsked } from '../src/decide/asked.ts';
import { runDecideBench } from '../src/decide/decide-bench.ts';
import { createReleases } from '../src/releases.ts';

test('what is asked is a request with 10 actions and 20 features', () => {
  for (const body of bodiesAsked(50, 'p', Date.now)) {
    const asked = decideSchema.parse(JSON.parse(body));
    expect(Object.keys(asked.context ?? {})).toHaveLength(20);
    expect(asked.actions).toHaveLength(10);
  }
});

test('measures decisions beside an echo, at full and at half load', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rlaas-decide-'));
  const releases = createReleases();
  try {
    const result = await runDecideBench(
      {
        quick: true,
        singleConnections: 8,
        root: fileURLToPath(new URL('../../../', import.meta.url)),
        folder,
        releases,
        now: Date.now,
        print: () => undefined,
      },
      { repetitions: 2, seconds: 0.5, warmUpSeconds: 0.5 },
    );
    const [throughput] = result.figures;
    expect(throughput).toMatchObject({ name: 'decisions, 8 connections', goal: 0.8 });
    for (const { measured, reference } of result.figures) {
      expect([...measured, ...(reference?.measured ?? [])].every((value) => value > 0)).toBe(true);
    }
    expect(result.notes[0]).toContain('goal 0.80; below 0.50 is not done');
    expect(result.notes[1]).toContain('more at p99');
  } finally {
    await releases.releaseAll();
    await rm(folder, { recursive: true, force: true });
  }
});
