import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { BenchContext } from '../src/bench.ts';
import { runLearnBench } from '../src/learn/learn-bench.ts';
import type { LearnSize } from '../src/learn/learn-size.ts';
import { storedResults } from '../src/learn/vowpalwabbit-results.ts';
import { createReleases } from '../src/releases.ts';

const TIMEOUT_MS = 60_000;
const size: LearnSize = {
  datasets: ['iris', 'wine'],
  shuffles: 2,
  grid: [],
  repetitions: 1,
  timed: ['iris'],
  drift: [50],
  driftRepetitions: 1,
};
let context: BenchContext;
let printed: string[];

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'rlaas-learn-'));
  const releases = createReleases();
  onTestFinished(async () => {
    await releases.releaseAll();
    await rm(root, { recursive: true });
  });
  printed = [];
  const print = (line: string): void => void printed.push(line);
  context = { quick: true, root, folder: join(root, 'run'), releases, now: Date.now, print };
});

test(
  'without VowpalWabbit RLaaS is measured alone, and the output says why',
  async () => {
    const { sheets, figures, notes } = await runLearnBench(context, size, { unreachable: 'no network' });
    expect(printed).toContain('skipped: vowpalwabbit not reachable (no network)');
    expect(notes).toContain('skipped: vowpalwabbit not reachable (no network)');
    expect(sheets?.map(({ title }) => title.split(':')[0])).toEqual(['RLaaS, all explorers', 'drift']);
    expect(sheets?.[0]?.rows.map(([name]) => name)).toEqual(['iris', 'wine', 'mean']);
    expect(figures.map(({ reference }) => reference)).toEqual([undefined, undefined]);
    for (const { measured } of figures) expect(measured[0]).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test(
  'without VowpalWabbit the figures that were committed stand in, with their date and version',
  async () => {
    const losses = new Map([
      ['iris', [0.9, 0.8]],
      ['wine', [0.9, 0.8]],
    ]);
    const stored = storedResults({ version: '9.9', usual: [{ name: 'poor', losses }], tuned: [] });
    const results = join(context.root, 'packages', 'benchmarks', 'results');
    await mkdir(results, { recursive: true });
    await writeFile(
      join(results, 'learn.json'),
      JSON.stringify({ at: '2026-01-02', details: { vowpalwabbit: stored } }),
    );
    const { sheets, notes } = await runLearnBench(context, size, { unreachable: 'no network' });
    expect(sheets?.[0]?.columns.map(({ title }) => title)).toContain('VW poor');
    expect(notes[0]).toContain('VW 9.9, of the results committed at 2026-01-02: best fixed is poor');
    expect(notes[1]).toContain('most on');
    expect(notes[1]).toMatch(/: reached$/);
  },
  TIMEOUT_MS,
);
