import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runsLong } from '@rlaas/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runIngestBench } from '../src/ingest/ingest-bench.ts';
import { createReleases } from '../src/releases.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rlaas-ingest-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test.runIf(runsLong('the bench of ingest'))(
  'measures batches and single events beside their references',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder();
    const releases = createReleases();
    const lines: string[] = [];
    try {
      const result = await runIngestBench(
        {
          quick: true,
          connections: 4,
          singleConnections: 8,
          root,
          folder,
          releases,
          now: Date.now,
          print: (line) => void lines.push(line),
        },
        { repetitions: 2, events: 1_000, warmUpEvents: 500, seconds: 0.3, loneSeconds: 0.2 },
      );
      expect(result.postgres).toMatch(/^\d+/);
      for (const { name, measured, reference } of result.figures) {
        expect(
          [name, ...measured, ...(reference?.measured ?? [])].slice(1).every((value) => Number(value) > 0),
        ).toBe(true);
      }
      const [batches] = result.figures;
      expect(batches).toMatchObject({ name: 'batches of 100, 4 connections: events', goal: 0.8 });
      expect(batches?.measured).toHaveLength(2);
      expect(batches?.reference?.measured).toHaveLength(2);
      expect(result.notes[0]).toContain('goal 0.80; below 0.50 is not done');
      expect(lines).toContainEqual(expect.stringMatching(/^batches: 2 of 2: collector [\d,]+\/s, COPY/));
    } finally {
      await releases.releaseAll();
    }
  },
);

/** The command in a process of its own, once it sends load. */
async function running(temporary: string): Promise<{ child: ChildProcess; output: () => string }> {
  await mkdir(temporary, { recursive: true });
  const child = spawn(process.execPath, ['packages/benchmarks/src/main.ts', 'ingest', '--quick'], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await vi.waitFor(() => expect(text).toContain('batches: 1 of 2'), { timeout: 60_000, interval: 50 });
  return { child, output: () => text };
}

/** All processes that descend from one. */
function descendantsOf(pid: number): number[] {
  const pairs = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) {
    for (const [child = 0, itsParent] of pairs) if (itsParent === parent) found.push(child);
  }
  return found.slice(1);
}

function alive(pids: readonly number[]): number[] {
  return pids.filter((pid) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      // No such process.
      return false;
    }
  });
}

test('Ctrl-C ends all that it started and removes its data', { timeout: 120_000 }, async () => {
  const temporary = join(await temporaryFolder(), 'of-the-bench');
  const { child } = await running(temporary);
  const started = descendantsOf(child.pid ?? 0);
  // Collector, load generator, the keeper of Postgres, Postgres and what it starts.
  expect(started.length).toBeGreaterThan(4);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(alive(started)).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
});

test('when it is killed, nothing that it started goes on', { timeout: 120_000 }, async () => {
  const temporary = join(await temporaryFolder(), 'of-the-bench');
  const { child } = await running(temporary);
  const started = descendantsOf(child.pid ?? 0);
  const data = dataFolderOf(started);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(alive(started)).toEqual([]), { timeout: 30_000, interval: 100 });
  // Nobody was left to remove them, and they may be outside of the temporary folder.
  await rm(data, { recursive: true });
  await rm(`${data}.log`);
});

/** Where the Postgres among these processes has its data. */
function dataFolderOf(pids: readonly number[]): string {
  for (const pid of pids) {
    const command = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
    const folder = /\/postgres -D (\S+)/.exec(command)?.[1];
    if (folder !== undefined) return folder;
  }
  throw new Error('there is no Postgres among these processes');
}
