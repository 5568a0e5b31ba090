// Faults against the collector, and a look whether it kept its promises: `npm run chaos`.
import { randomInt } from 'node:crypto';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { outcomeTable, violationsText } from './report.ts';
import { type ScenarioOutcome, runScenario } from './run-scenario.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { startChaosServer } from './world/chaos-postgres.ts';

const CLIENTS = 16;
const USAGE = 2;
const INTERRUPTED = 130;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const asked = readCommandLine(args);
  if (typeof asked === 'string') return refuse(asked);
  if (asked.scenario === undefined) return list();
  const wanted = scenarios.filter(({ name }) => asked.scenario === 'all' || name === asked.scenario);
  if (wanted.length > 0) return run(wanted, asked);
  return refuse(
    `there is no "${asked.scenario}"; there is all, ${scenarios.map(({ name }) => name).join(', ')}`,
  );
}

function refuse(reason: string): number {
  process.stderr.write(`chaos: ${reason}\n`);
  return USAGE;
}

function list(): number {
  print('Scenarios:\n');
  for (const { name, summary } of scenarios) print(`  ${name.padEnd(16)} ${summary}`);
  print('\nRun:  npm run chaos -- <scenario|all> [--seed n] [--kills n] [--seconds n] [--clients n]');
  return 0;
}

async function run(wanted: readonly Scenario[], asked: CommandLine): Promise<number> {
  const { seed = randomInt(1, 2 ** 31), clients = CLIENTS } = asked;
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      print('stopping …');
      stopping.abort();
    });
  }
  print(`seed ${seed}, ${clients} clients`);
  const outcomes: ScenarioOutcome[] = [];
  const server = await startChaosServer();
  try {
    for (const scenario of wanted) {
      const extent = {
        faults: scenario.fault ? (asked.kills ?? scenario.long.faults) : 0,
        seconds: asked.seconds ?? scenario.long.seconds,
      };
      const outcome = await runScenario(scenario, {
        seed,
        extent,
        clients,
        server,
        print,
        signal: stopping.signal,
      });
      outcomes.push(outcome);
      const text = violationsText(outcome);
      if (text !== '') print(`\n${text}\n`);
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    await server.stop();
    if (outcomes.length > 0) print(`\n${outcomeTable(outcomes)}\n`);
    print(`seed ${seed}`);
  }
  return outcomes.some((outcome) => !('skipped' in outcome) && outcome.violations.length > 0) ? 1 : 0;
}
