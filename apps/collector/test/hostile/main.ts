// Hostile bodies against a real collector: `node apps/collector/test/hostile/main.ts [--mutations n] [--seed n] [--only name]`.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isWell, reportText } from './report.ts';
import { runHostile } from './run-hostile.ts';

const MUTATIONS = 3_000;
/** From so many on it is a long run, in which the other attacks come more often too. */
const LONG = 20_000;
const USAGE = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { mutations: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const mutations = Number(values.mutations ?? MUTATIONS);
  const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
  if (![mutations, seed].every((number) => Number.isInteger(number) && number >= 0)) {
    process.stderr.write('hostile: --mutations and --seed are whole numbers\n');
    return USAGE;
  }
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  print(`seed ${seed}, ${mutations} mutations`);
  const { only } = values;
  const report = await runHostile({
    seed,
    mutations,
    long: mutations >= LONG,
    print,
    ...(only !== undefined && { only }),
  });
  print(`\n${reportText(report)}\nseed ${seed}`);
  return isWell(report) ? 0 : 1;
}
