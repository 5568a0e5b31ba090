import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, withOwner } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import { makeDatabase, startChaosServer } from '../chaos/world/chaos-postgres.ts';
import { createRandom } from '../chaos/random.ts';
import { newKey, newTenant } from '../support/new-key.ts';
import type { Attack, Target } from './attack.ts';
import { attacks } from './attacks.ts';
import { type CollectorProcess, createCollectorProcess } from '../support/collector-process.ts';
import { type Ending, dribble, exchange } from './exchange.ts';
import { startGoodClient } from './good-client.ts';
import { watchMemory } from './memory-sampler.ts';
import { Told } from './told.ts';
import { warmUp } from './warm-up.ts';

export interface HostileOptions {
  seed: number;
  /** Random mutations of batches. */
  mutations: number;
  /** More of everything. */
  long: boolean;
  /** Only attacks whose name has this in it. */
  only?: string;
  print: (line: string) => void;
}

/** What came of an attack. */
export interface AttackOutcome {
  name: string;
  requests: number;
  /** How often a request ended in which way: a status, `closed` or `hang`. */
  endings: Map<string, number>;
  /** Bytes above those of the idle collector, seen while it ran; `undefined` where memory cannot be seen. */
  peakBytes: number | undefined;
  seconds: number;
  /** What must not be, in words. */
  wrong: string[];
}

export interface HostileReport {
  attacks: AttackOutcome[];
  idleBytes: number | undefined;
  /** What it had just after its start. */
  freshBytes: number | undefined;
  good: { requests: number; p50: number; p99: number; max: number };
  /** Events that were told accepted, and are stored. */
  stored: number;
  /** What must not be, of the whole run. */
  wrong: string[];
  log: string[];
}

/** What the collector may take above what it has when idle after ordinary traffic. */
export const MEMORY_LIMIT = 300 * 1024 * 1024;
/** Longer than the collector gives a request. */
const PATIENCE_MS = 45_000;
const IDLE_MS = 2_000;
const SETTLE_MS = 10_000;
const SHOWN = 5;
/** Answers that mean a fault of the collector. That it has no room (503) is not one. */
const FAULTS = new Set([500, 501, 502, 504]);

/** Starts a collector, attacks it while somebody else works with it, and looks whether it kept its promises. */
export async function runHostile(options: HostileOptions): Promise<HostileReport> {
  const releases: (() => Promise<unknown> | void)[] = [];
  try {
    return await run(options, (release) => releases.push(release));
  } finally {
    for (const release of releases.toReversed()) await release();
  }
}

async function run(
  { seed, mutations, long, only, print }: HostileOptions,
  onEnd: (release: () => Promise<unknown> | void) => void,
): Promise<HostileReport> {
  const server = await startChaosServer();
  onEnd(() => server.stop());
  const postgres = await makeDatabase(server);
  const database = createDatabase({
    url: postgres.appUrl,
    poolMax: 2,
    applicationName: 'hostile',
    onIdleError: () => undefined,
  });
  const goodKey = await newKey(database, await newTenant(database, 'good'));
  await database.close();
  const collector = createCollectorProcess(postgres.appUrl, {
    RLAAS_MASTER_KEY: randomBytes(24).toString('hex'),
    LOG_LEVEL: 'error',
    // What a caller may use is limited elsewhere: here each attack comes with all its weight.
    INGEST_EVENTS_PER_KEY: '100000000',
    INGEST_MIB_PER_KEY: '1000000',
  });
  onEnd(() => collector.terminate());
  await collector.start();
  const memory = watchMemory(collector.pid);
  if (typeof memory === 'string') print(`skipped: the memory of the collector: ${memory}`);
  else onEnd(() => memory.stop());

  const freshBytes = typeof memory === 'string' ? undefined : memory.now();
  const told = new Told();
  await warmUp(collector.origin, goodKey, told);
  const good = startGoodClient(collector.origin, goodKey, told);
  onEnd(() => good.stop());
  await sleep(IDLE_MS);
  const idleBytes = typeof memory === 'string' ? undefined : memory.now();
  const peak = (): number | undefined =>
    typeof memory === 'string' || idleBytes === undefined ? undefined : memory.peak() - idleBytes;
  peak();

  const random = createRandom(String(seed));
  const runOne = async (attack: Attack): Promise<AttackOutcome> => {
    const startedAt = performance.now();
    const outcome: AttackOutcome = {
      name: attack.name,
      requests: 0,
      endings: new Map(),
      peakBytes: undefined,
      seconds: 0,
      wrong: [],
    };
    const agent = new Agent({ keepAlive: true });
    const target = targetOf({
      collector,
      outcome,
      told,
      agent,
      mutations,
      long,
      random: random.fork(attack.name),
      print,
    });
    await attack.run(target);
    agent.destroy();
    outcome.seconds = (performance.now() - startedAt) / 1_000;
    return outcome;
  };
  const wanted = attacks.filter(({ name }) => only === undefined || name.includes(only));
  const beside = wanted.filter((attack) => attack.beside).map(runOne);
  const outcomes: AttackOutcome[] = [];
  for (const attack of wanted.filter(({ beside: isBeside }) => isBeside !== true)) {
    print(`${attack.name} …`);
    const outcome = await runOne(attack);
    outcome.peakBytes = peak();
    if ((outcome.peakBytes ?? 0) > MEMORY_LIMIT) outcome.wrong.push('took more memory than it may');
    outcomes.push(outcome);
    print(`${attack.name}: ${outcome.requests} requests, ${outcome.seconds.toFixed(1)} s`);
    if (collector.unexpectedEnds.length > 0) break;
  }
  outcomes.unshift(...(await Promise.all(beside)));
  await good.stop();

  const wrong = good.failures.slice(0, SHOWN).map((what) => `the good client: ${what}`);
  if (good.failures.length > SHOWN)
    wrong.push(`the good client: ${good.failures.length - SHOWN} failures more`);
  const [ended] = collector.unexpectedEnds;
  if (ended === undefined) wrong.push(...(await settled(collector)));
  else wrong.push(`the collector ended: ${ended}`);
  const missing = await notStored(postgres.ownerUrl, [...told.accepted]);
  if (missing.length > 0)
    wrong.push(
      `${missing.length} events were told stored and are not: ${missing.slice(0, SHOWN).join(', ')}`,
    );
  if (told.accepted.size === 0) wrong.push('nothing was accepted: this shows nothing');
  const log = collector.log();
  if (ended === undefined) {
    const code = await collector.terminate();
    if (code !== 0) wrong.push(`the collector stopped with ${code}`);
  }
  return {
    attacks: outcomes,
    idleBytes,
    freshBytes,
    good: { requests: good.requests, ...good.latency() },
    stored: told.accepted.size - missing.length,
    wrong,
    log,
  };
}

function targetOf(given: {
  collector: CollectorProcess;
  outcome: AttackOutcome;
  told: Told;
  agent: Agent;
  mutations: number;
  long: boolean;
  random: Target['random'];
  print: (line: string) => void;
}): Target {
  const { collector, outcome, told, agent, mutations, long, random, print } = given;
  const judge = (ending: Ending): Ending => {
    outcome.requests += 1;
    const name = ending.kind === 'answered' ? String(ending.status) : ending.kind;
    outcome.endings.set(name, (outcome.endings.get(name) ?? 0) + 1);
    const mistake =
      ending.kind === 'hang'
        ? `no answer within ${PATIENCE_MS / 1_000} s`
        : ending.kind === 'answered'
          ? FAULTS.has(ending.status)
            ? `${ending.status} ${ending.body.slice(0, 200)}`
            : told.read(ending.status, ending.body)
          : undefined;
    if (mistake !== undefined) outcome.wrong.push(mistake);
    return ending;
  };
  return {
    random,
    long,
    mutations,
    progress: (what) => print(`${outcome.name}: ${what}`),
    post: async (body, headers = {}, path = '/v1/events') =>
      judge(
        await exchange({
          origin: collector.origin,
          path,
          headers: {
            authorization: `Bearer ${SEED_API_KEY}`,
            'content-type': 'application/json',
            prefer: 'return=representation',
            ...headers,
          },
          body,
          patienceMs: PATIENCE_MS,
          agent,
        }),
      ),
    dribble: async (pieces, pauseMs) =>
      judge(await dribble(collector.origin, { pieces, pauseMs, patienceMs: PATIENCE_MS })),
    head: (...lines) =>
      [
        'POST /v1/events HTTP/1.1',
        'host: collector',
        `authorization: Bearer ${SEED_API_KEY}`,
        'content-type: application/json',
        'prefer: return=representation',
        'connection: close',
        ...lines,
        '',
        '',
      ].join('\r\n'),
  };
}

/** Waits until nothing is held any more. @returns what stays */
async function settled(collector: CollectorProcess): Promise<string[]> {
  const names = ['events_unbalanced', 'body_bytes', 'queue_rows', 'queue_bytes', 'http_requests_in_flight'];
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const values = await Promise.all(names.map((name) => collector.metric(`rlaas_collector_${name}`)));
    const held = names.flatMap((name, index) =>
      values[index] === 0 ? [] : [`${name} is ${values[index]}, not 0`],
    );
    if (held.length === 0 || Date.now() > deadline) return held;
    await sleep(100);
  }
}

async function notStored(ownerUrl: string, ids: readonly string[]): Promise<string[]> {
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'select id from unnest($1::uuid[]) as told (id) where not exists (select from rlaas.events e where e.id = told.id)',
      [ids],
    );
    return rows.map(({ id }) => id);
  });
}
