import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { testTotals } from './test-totals.ts';

const folder = mkdtempSync(join(tmpdir(), 'rlaas-totals-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What vitest itself reports of these files. */
function run(files: Record<string, string>): ReturnType<typeof testTotals> {
  const root = mkdtempSync(join(folder, 'run-'));
  // Nothing can be imported out there, so vitest hands its functions over as globals.
  writeFileSync(join(root, 'vitest.config.mjs'), 'export default { test: { globals: true } };\n');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
  const report = join(root, 'report.json');
  const ended = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', root, '--reporter=json', `--outputFile=${report}`],
    { encoding: 'utf8' },
  );
  return testTotals(JSON.parse(readFileSync(report, 'utf8')), ended.status === 0);
}

test('passed, failed and skipped tests are told apart', { timeout: 30_000 }, () => {
  expect(
    run({
      'a.test.ts':
        "test('good', () => expect(1).toBe(1)); test.skip('not now', () => undefined); test.todo('later');",
      'b.test.ts': "test('bad', () => expect(1).toBe(2)); test('good', () => expect(1).toBe(1));",
    }),
  ).toEqual({ passed: 2, failed: 1, skipped: 2 });
});

test('a file that cannot be loaded counts as failed', { timeout: 30_000 }, () => {
  expect(
    run({
      'a.test.ts': "test('good', () => expect(1).toBe(1));",
      'b.test.ts': "throw new Error('on loading');",
    }),
  ).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test('an error outside of any test counts as failed', { timeout: 30_000 }, () => {
  expect(
    run({
      'a.test.ts':
        "test('good', async () => { void Promise.reject(new Error('nobody waits')); await new Promise((r) => setImmediate(r)); expect(1).toBe(1); });",
    }),
  ).toEqual({ passed: 1, failed: 1, skipped: 0 });
});
