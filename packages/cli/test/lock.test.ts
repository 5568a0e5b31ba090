import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./lock-once.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rlaas-lock-'));
const note = join(folder, 'dev.pid');
afterAll(() => rmSync(folder, { recursive: true }));

// Its arguments look like those of the real command, which is how a holder is told from a stranger.
const start = (): ChildProcess =>
  spawn(process.execPath, [SCRIPT, 'cli/src/main.ts', 'dev', folder], { stdio: ['pipe', 'pipe', 'inherit'] });

test('of several that start over the note of a killed one, exactly one gets the folder, each time', async () => {
  for (let round = 0; round < 5; round += 1) {
    // A note of no process, and one that is no number at all.
    writeFileSync(note, round % 2 ? '999999999' : 'nonsense');
    const starters = Array.from({ length: 4 }, start);
    const ended = starters.map((child) => once(child, 'exit'));
    const said = await Promise.all(
      starters.map(async (child) => String((await once(child.stdout ?? child, 'data'))[0]).trim()),
    );
    expect(said.toSorted()).toEqual(['got', 'refused', 'refused', 'refused']);
    const winner = starters[said.indexOf('got')];
    // The losers took neither the winner's note nor left one of their own.
    expect(Number(readFileSync(note, 'utf8'))).toBe(winner?.pid);
    winner?.stdin?.write('end');
    await Promise.all(ended);
    expect(existsSync(note)).toBe(false);
  }
});
