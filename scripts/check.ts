// Everything CI runs, step by step. A failed step does not stop the others, so that one run shows all there is.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestTotals, testTotals } from './test-totals.ts';

interface Step {
  name: string;
  command: string[];
  /** Printed as it comes, since it takes long. */
  live?: boolean;
}

const folder = mkdtempSync(join(tmpdir(), 'rlaas-check-'));
const report = join(folder, 'tests.json');

const steps: Step[] = [
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  {
    name: 'types',
    command: ['sh', '-c', 'turbo run typecheck --output-logs=errors-only && tsc -p tsconfig.json'],
  },
  { name: 'boundaries', command: ['node', 'scripts/check-boundaries.ts'] },
  { name: 'dead code', command: ['knip', '--no-config-hints'] },
  { name: 'generated files', command: ['node', 'scripts/check-generated.ts'] },
  { name: 'secrets, large files', command: ['node', 'scripts/check-files.ts'] },
  { name: 'links in documents', command: ['node', 'scripts/check-links.ts'] },
  {
    name: 'tests',
    command: ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    live: true,
  },
];

const results: { name: string; ok: boolean; seconds: number }[] = [];
for (const step of steps) {
  const startedAt = Date.now();
  process.stdout.write(`— ${step.name}\n`);
  const [program = '', ...args] = step.command;
  const ended = spawnSync(program, args, { stdio: step.live ? 'inherit' : 'pipe', encoding: 'utf8' });
  const ok = ended.status === 0;
  if (!ok && !step.live)
    process.stdout.write(`${ended.stdout}${ended.stderr}${ended.error?.message ?? ''}\n`);
  results.push({ name: step.name, ok, seconds: (Date.now() - startedAt) / 1_000 });
}

process.stdout.write('\nstep                  result  seconds\n--------------------  ------  -------\n');
for (const { name, ok, seconds } of results) {
  process.stdout.write(
    `${name.padEnd(20)}  ${(ok ? 'ok' : 'FAILED').padEnd(6)}  ${seconds.toFixed(1).padStart(7)}\n`,
  );
}
const tests = totals(results.some((result) => result.name === 'tests' && result.ok));
const brokenSteps = results.filter((result) => !result.ok && result.name !== 'tests').length;
rmSync(folder, { recursive: true, force: true });
process.stdout.write(
  `\n${tests.passed} passed, ${tests.failed + brokenSteps} failed, ${tests.skipped} skipped\n`,
);
process.exitCode = results.every((result) => result.ok) ? 0 : 1;

function totals(runEndedWell: boolean): TestTotals {
  try {
    return testTotals(JSON.parse(readFileSync(report, 'utf8')), runEndedWell);
  } catch (error) {
    process.stdout.write(`the report of the tests cannot be read: ${String(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
