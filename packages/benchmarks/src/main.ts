import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchFailure } from './bench-failure.ts';
import type { Bench, BenchResult } from './bench.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { decideBench } from './decide/decide-bench.ts';
import { freshnessBench } from './freshness/freshness-bench.ts';
import { gatesBench } from './gates/gates-bench.ts';
import { ingestBench } from './ingest/ingest-bench.ts';
import { learnBench } from './learn/learn-bench.ts';
import { rewardBench } from './reward/reward-bench.ts';
import { opeBench } from './ope/ope-bench.ts';
import { createReleases } from './releases.ts';
import { type Machine, machineLine, thisMachine } from './report/machine.ts';
import { findingsRecord, findingsTable, sheetText } from './report/report.ts';

const BENCHES: readonly Bench[] = [
  ingestBench,
  decideBench,
  learnBench,
  rewardBench,
  gatesBench,
  freshnessBench,
  opeBench,
];
const INTERRUPTED = 130;
const USAGE = 2;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const asked = readCommandLine(args);
  if (typeof asked === 'string') return refuse(asked);
  if (asked.bench === undefined) return list();
  const bench = BENCHES.find(({ name }) => name === asked.bench);
  if (bench) return run(bench, asked);
  return refuse(`there is no "${asked.bench}"; there is ${BENCHES.map(({ name }) => name).join(', ')}`);
}

function refuse(reason: string): number {
  process.stderr.write(`bench: ${reason}\n`);
  return USAGE;
}

function list(): number {
  print('Benches:\n');
  for (const { name, summary } of BENCHES) print(`  ${name.padEnd(10)} ${summary}`);
  print(
    '\nRun one:  npm run bench -- <name> [--quick] [--save] [--connections <n>] [--single-connections <n>]',
  );
  return 0;
}

async function run(bench: Bench, options: CommandLine): Promise<number> {
  const releases = createReleases();
  const interrupted = Promise.withResolvers<'interrupted'>();
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      signals += 1;
      // The second time at once: what was started ends when its channel to this process closes.
      if (signals > 1) process.exit(INTERRUPTED);
      print('stopping …');
      interrupted.resolve('interrupted');
    });
  }
  const startedAt = Date.now();
  const machine = thisMachine();
  try {
    const folder = await releases.acquire(
      () => mkdtemp(join(tmpdir(), 'rlaas-bench-')),
      (made) => rm(made, { recursive: true, force: true }),
    );
    const running = bench.run({ ...options, root, folder, releases, now: Date.now, print });
    const result = await Promise.race([running, interrupted.promise]);
    if (result === 'interrupted') return INTERRUPTED;
    const used = result.postgres === undefined ? machine : { ...machine, postgres: result.postgres };
    await tell(bench, options, result, { startedAt, machine: used });
    return 0;
  } catch (error) {
    const told = error instanceof BenchFailure ? error.message : stackOf(error);
    process.stderr.write(`\nbench ${bench.name} failed: ${told}\n`);
    return 1;
  } finally {
    await releases.releaseAll();
  }
}

async function tell(
  bench: Bench,
  options: CommandLine,
  result: BenchResult,
  { startedAt, machine }: { startedAt: number; machine: Machine },
): Promise<void> {
  for (const sheet of result.sheets ?? []) print(`\n${sheetText(sheet)}`);
  print(result.figures.length > 0 ? `\n${findingsTable(result.figures)}\n` : '');
  for (const note of result.notes) print(note);
  print(machineLine(machine));
  const took = `took ${((Date.now() - startedAt) / 1_000).toFixed(0)} s`;
  print(options.quick ? `${took}; --quick: not for quoting` : took);
  if (!options.save) return;
  const results = join(root, 'packages', 'benchmarks', 'results');
  await mkdir(results, { recursive: true });
  const record = {
    bench: bench.name,
    at: new Date(startedAt).toISOString(),
    quick: options.quick,
    machine,
    ...findingsRecord(result),
  };
  const path = join(results, `${bench.name}.json`);
  await writeFile(path, `${JSON.stringify(record, null, 2)}\n`);
  print(`saved to ${path}`);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
