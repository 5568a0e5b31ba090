import { setTimeout as sleep } from 'node:timers/promises';
import { SEED_API_KEY } from '@rlaas/schemas';
import { startProxy } from '@rlaas/testkit';
import { checkHistory } from './history/check-history.ts';
import type { Violation } from './history/violation.ts';
import { HistoryLog } from './load/history-log.ts';
import { startLoad } from './load/load.ts';
import { createRandom } from './random.ts';
import type { Extent, Scenario } from './scenarios.ts';
import { type PostgresServer, makeDatabase, startChaosServer } from './world/chaos-postgres.ts';
import { createCollectorProcess } from '../support/collector-process.ts';
import { type SmallDisk, moveToSmallDisk } from './world/small-disk.ts';
import { readTables } from './world/tables.ts';
import type { World } from './world/world.ts';

export interface RunOptions {
  seed: number;
  extent: Extent;
  clients: number;
  /** For all scenarios that do not need one on a disk of its own. */
  server: PostgresServer;
  print: (line: string) => void;
  /** Ends the run; everything that it started is ended all the same. */
  signal: AbortSignal;
}

/** What a scenario came to. */
interface ScenarioReport {
  name: string;
  faults: number;
  requests: number;
  /** In all requests, each as often as it was sent. */
  events: number;
  told: HistoryLog['told'];
  /** Rows of events that came in. */
  stored: number;
  /** `undefined` where the table does not exist. */
  letters: number | undefined;
  seconds: number;
  violations: readonly Violation[];
  /** Last lines of the collector, of level `warn` and above. */
  log: readonly string[];
}
export type ScenarioOutcome = ScenarioReport | { name: string; skipped: string };

type Release = () => Promise<void> | void;

const PROGRESS_MS = 3_000;

/**
 * Runs a scenario: a collector under load, faults, an end without faults at which everything is sent until it has an
 * end, and a look whether the tables agree with what clients were told.
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioOutcome> {
  const releases: Release[] = [];
  try {
    return await run(scenario, options, (release) => releases.push(release));
  } finally {
    await releaseAll(releases);
  }
}

/** All of them in the opposite order, also when one fails: nothing that was started may stay. */
async function releaseAll(releases: readonly Release[]): Promise<void> {
  const failures: unknown[] = [];
  for (const release of releases.toReversed()) {
    try {
      await release();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be ended');
}

async function run(
  scenario: Scenario,
  { seed, extent, clients, server: shared, print, signal }: RunOptions,
  onEnd: (release: Release) => void,
): Promise<ScenarioOutcome> {
  const { name, fault } = scenario;
  const random = createRandom(`${seed}/${name}`);
  let [server, disk]: [PostgresServer, SmallDisk | undefined] = [shared, undefined];
  if (scenario.smallDisk) {
    const own = await startChaosServer();
    onEnd(() => own.stop());
    const moved = await moveToSmallDisk(own);
    if (typeof moved === 'string') return { name, skipped: moved };
    onEnd(async () => {
      await own.halt();
      moved.remove();
    });
    [server, disk] = [own, moved];
  }
  const postgres = await makeDatabase(server);
  const proxy = await startProxy({ host: '127.0.0.1', port: postgres.port });
  onEnd(() => proxy.close());
  const collector = createCollectorProcess(throughProxy(postgres.appUrl, proxy.port));
  onEnd(() => collector.kill());
  await collector.start();

  const before = await readTables(postgres.ownerUrl);
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const log = new HistoryLog(postgres.tenantId, before);
  const load = startLoad({
    clients,
    apiKey: SEED_API_KEY,
    shape: scenario.shape,
    random: random.fork('load'),
    log,
    origin: () => collector.origin,
    elapsed,
  });
  onEnd(() => load.stop());
  let faults = 0;
  const tell = (what: string): void =>
    print(
      `${name}: ${what}, ${(elapsed() / 1_000).toFixed(0)} s, ${log.requests} requests, ${log.events} events, ${log.open.size} without an end`,
    );
  const progress = setInterval(() => tell(`${faults} of ${extent.faults} faults`), PROGRESS_MS);
  onEnd(() => clearInterval(progress));

  const world: World = {
    postgres,
    collector,
    proxy,
    disk,
    random: random.fork('faults'),
    violations: [],
    pause: (ms) => sleep(ms, undefined, { signal }),
  };
  while (faults < extent.faults) {
    await world.pause(world.random.int(...scenario.gapMs));
    await collector.ensureReady();
    await fault?.(world);
    faults += 1;
  }
  await world.pause(Math.max(world.random.int(...scenario.gapMs), extent.seconds * 1_000 - elapsed()));

  await load.stop();
  await collector.ensureReady();
  clearInterval(progress);
  tell('faults are over');
  await load.settle();
  const snapshot = await readTables(postgres.ownerUrl);
  const violations = [...world.violations, ...checkHistory(log.history, snapshot)];
  for (const what of collector.unexpectedEnds) {
    violations.push({ kind: 'collector_ended', what, requests: [] });
  }
  if (!scenario.hadEffect(log.told)) {
    violations.push({ kind: 'without_effect', what: JSON.stringify(log.told), requests: [] });
  }
  return {
    name,
    faults,
    requests: log.requests,
    events: log.events,
    told: log.told,
    stored: snapshot.events.length - before.events.length,
    letters: snapshot.letters?.length,
    seconds: elapsed() / 1_000,
    violations,
    log: collector.log(),
  };
}

function throughProxy(url: string, port: number): string {
  const changed = new URL(url);
  changed.host = `127.0.0.1:${port}`;
  return changed.toString();
}
