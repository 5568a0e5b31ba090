import { setTimeout as sleep } from 'node:timers/promises';
import { type Violation, checkHistory } from './history/check-history.ts';
import { startLoad } from './load/load.ts';
import { createRandom } from './random.ts';
import { type WorldDatabase, makeWorld } from './world/world.ts';

export interface KillOptions {
  seed: number;
  kills: number;
  clients: number;
  fsync: 'never' | 'always';
  database: WorldDatabase;
  print: (line: string) => void;
  /** Ends the run; everything that it started is ended all the same. */
  signal: AbortSignal;
}

export interface KillReport {
  asked: number;
  answered: number;
  /** Answers by the active version, and those that were not logged. */
  live: number;
  degraded: number;
  unanswered: number;
  repeated: number;
  stored: number;
  violations: Violation[];
  /** Last lines of the gateway. */
  log: string[];
}

/** Share of kills that are followed by another while the gateway is starting. */
const AGAIN = 0.15;
const GAP_MS = [100, 1_500] as const;
const SHIPPED_MS = 60_000;

/** kill -9 of the gateway under load, again and again, with the collector down for part of it; then a look at Postgres. */
export async function killGateway(options: KillOptions): Promise<KillReport> {
  const { seed, kills, clients, fsync, database, print, signal } = options;
  const random = createRandom(`${seed}/kill-gateway`);
  const faults = random.fork('faults');
  const pause = (): Promise<void> => sleep(faults.int(...GAP_MS), undefined, { signal });
  const world = await makeWorld(database, fsync);
  const { gateway, collector } = world;
  let load: ReturnType<typeof startLoad> | undefined;
  try {
    await collector.start();
    await gateway.start();
    load = startLoad(gateway.origin, clients, random.fork('load'));
    for (let kill = 1; kill <= kills; kill += 1) {
      await pause();
      // Down in the second third.
      if (kill === Math.ceil(kills / 3)) await collector.kill();
      if (kill === Math.ceil((kills * 2) / 3) + 1) await collector.start();
      await gateway.kill();
      while (faults.chance(AGAIN)) {
        await gateway.launch();
        await sleep(faults.int(50, 1_000), undefined, { signal });
        await gateway.kill();
      }
      await world.activate(faults.chance(0.5));
      await gateway.start();
      print(`kill ${kill} of ${kills}, ${load.history.size} decisions`);
    }
    await pause();
    await collector.start();
    await load.stop();
    await load.settle();
    const answers = [...load.history.values()].flat();
    const logged = [...load.history.values()].filter((all) =>
      all.some((answer) => answer.kind === 'decided' && answer.decision.mode !== 'degraded'),
    ).length;
    const deadline = Date.now() + SHIPPED_MS;
    let stored = await world.stored();
    while (stored.length < logged && Date.now() < deadline) {
      await sleep(200, undefined, { signal });
      stored = await world.stored();
    }
    const code = await gateway.terminate();
    stored = await world.stored();
    const of = (kind: string): number => answers.filter((answer) => answer.kind === kind).length;
    const inMode = (mode: string): number =>
      answers.filter((answer) => answer.kind === 'decided' && answer.decision.mode === mode).length;
    const report = {
      asked: load.history.size,
      answered: of('decided'),
      live: inMode('live'),
      degraded: inMode('degraded'),
      unanswered: of('unanswered'),
      repeated: load.repeated,
      stored: stored.length,
    };
    const others = [
      ...(await world.refused()),
      ...gateway.unexpectedEnds,
      ...collector.unexpectedEnds,
      ...(code === 0 ? [] : [`the gateway ended with ${code}`]),
      ...(report.unanswered > 0 && report.repeated > 0 ? [] : ['the kills had no effect']),
    ];
    const violations = [
      ...checkHistory(load.history, stored),
      ...others.map((what): Violation => ({ kind: 'other', id: '', what })),
    ];
    return { ...report, violations, log: gateway.log() };
  } finally {
    await load?.stop();
    await world.end();
  }
}

/** What came of it, and the first violations. */
export function reportText({ violations, log, ...counts }: KillReport): string {
  return [
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
    `${violations.length} violations`,
    ...violations.slice(0, 20).map(({ kind, id, what }) => `- ${kind} ${id}: ${what.slice(0, 2_000)}`),
    ...(violations.length > 0 ? ['last lines of the gateway:', ...log] : []),
  ].join('\n');
}
