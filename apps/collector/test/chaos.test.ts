import { afterAll, expect, test } from 'vitest';
import { outcomeTable, violationsText } from './chaos/report.ts';
import { runScenario } from './chaos/run-scenario.ts';
import { scenarios } from './chaos/scenarios.ts';
import { startChaosServer } from './chaos/world/chaos-postgres.ts';

const SEED = 20_261_123;
const CLIENTS = 8;
const server = await startChaosServer();
afterAll(() => server.stop());

test.for(scenarios)('$name: $summary', { timeout: 90_000 }, async (scenario, { skip }) => {
  const lines: string[] = [];
  const outcome = await runScenario(scenario, {
    seed: SEED,
    extent: scenario.short,
    clients: CLIENTS,
    server,
    print: (line) => lines.push(line),
    signal: AbortSignal.timeout(80_000),
  });
  if ('skipped' in outcome) {
    process.stderr.write(`skipped: ${outcome.name}: ${outcome.skipped}\n`);
    skip(outcome.skipped);
    return;
  }
  expect(violationsText(outcome), [...lines, outcomeTable([outcome])].join('\n')).toBe('');
});
