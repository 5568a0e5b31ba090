import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '@rlaas/database/embedded';
import { SEED_API_KEY } from '@rlaas/schemas';
import { BenchFailure } from '../bench-failure.ts';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { openBenchDatabase } from '../ingest/bench-database.ts';
import { writeBodies } from '../load/bodies-file.ts';
import { type Load, type LoadGenerator, startLoadGenerator } from '../load/load-generator.ts';
import { canPin } from '../process/pinned.ts';
import { watchPeakMemory } from '../process/peak-memory.ts';
import { type ServiceProcess, startService } from '../process/service-process.ts';
import { startWorker } from '../process/worker.ts';
import { inTurns } from '../repetitions.ts';
import { type Figure, ratiosOf, shown } from '../report/figure.ts';
import { median, percentile } from '../statistics.ts';
import { bodiesAsked } from './asked.ts';
import { POLICY, installPolicy } from './policy.ts';

interface Size {
  repetitions: number;
  seconds: number;
  warmUpSeconds: number;
}

const FULL: Size = { repetitions: 5, seconds: 5, warmUpSeconds: 4 };
const QUICK: Size = { repetitions: 2, seconds: 2, warmUpSeconds: 2 };
/** Bodies are made before they are sent; where these do not last for the time, the run ends early. */
const MOST_PER_SECOND = 40_000;
const PATIENCE_MS = 60_000;
const GOAL = 0.8;
const LEAST = 0.5;
const GOAL_MS = 1;
const REFERENCE = 'Fastify echo';
/** Servers have one processor, what sends to them and takes from them has the other. */
const SERVER_CORE = 0;
const LOAD_CORE = 1;
const START_MS = 15_000;

interface Server {
  origin: string;
  /** In every answer that is well. */
  says: string;
}

export const decideBench: Bench = {
  name: 'decide',
  summary: 'decisions over HTTP, in the journal before they are answered, beside a Fastify route that echoes',
  run: (context) => runDecideBench(context, context.quick ? QUICK : FULL),
};

/** @param size how much */
export async function runDecideBench(context: BenchContext, size: Size): Promise<BenchResult> {
  const { releases, print, folder, singleConnections: connections = 64 } = context;
  print('starting Postgres');
  const database = await openBenchDatabase(releases, folder);
  await installPolicy(database.client, database.tenantId);
  const load = await releases.acquire(
    async () => startLoadGenerator(LOAD_CORE),
    (started) => started.stop(),
  );
  const sink = await acquireWorker(context, new URL('./sink-process.ts', import.meta.url), LOAD_CORE);
  const echo = await acquireWorker(context, new URL('./echo-process.ts', import.meta.url), SERVER_CORE);
  const gateway = await acquireGateway(context, database.appUrl, sink.origin);
  const memory = watchPeakMemory(gateway.pid);
  const referenceMemory = watchPeakMemory(echo.pid);
  const ours: Server = { origin: gateway.origin, says: '"mode":"live"' };
  const bare: Server = { origin: echo.origin, says: `"policy":"${POLICY}"` };
  const bed = { context, load, connections, busy: { ours: 0, bare: 0 } };
  try {
    print('warming up');
    await measure(bed, { ours, bare }, { repetitions: 1, seconds: size.warmUpSeconds }, () => undefined);
    const full = await measure(bed, { ours, bare }, size, (pair, repetition) =>
      print(
        `full load: ${repetition} of ${size.repetitions}: gateway ${shown(rateOf(pair.measured), 'per_second')}, ` +
          `${REFERENCE} ${shown(rateOf(pair.reference), 'per_second')}`,
      ),
    );
    const perSecond = Math.round(median(full.map(({ measured }) => rateOf(measured))) / 2);
    const half = await measure(bed, { ours, bare }, { ...size, perSecond }, (pair, repetition) =>
      print(
        `half load (${shown(perSecond, 'per_second')}): ${repetition} of ${size.repetitions}: p99 gateway ` +
          `${shown(percentile(pair.measured.latenciesMs, 0.99), 'ms')}, ${REFERENCE} ${shown(percentile(pair.reference.latenciesMs, 0.99), 'ms')}`,
      ),
    );
    const figure = (
      name: string,
      unit: Figure['unit'],
      pairs: typeof full,
      valueOf: (one: Load) => number,
    ): Figure => ({
      name,
      unit,
      measured: pairs.map(({ measured }) => valueOf(measured)),
      reference: { name: REFERENCE, measured: pairs.map(({ reference }) => valueOf(reference)) },
    });
    const throughput = {
      ...figure(`decisions, ${connections} connections`, 'per_second', full, rateOf),
      goal: GOAL,
    };
    const more = half.map(
      ({ measured, reference }) =>
        percentile(measured.latenciesMs, 0.99) - percentile(reference.latenciesMs, 0.99),
    );
    return {
      postgres: database.version,
      figures: [
        throughput,
        figure('  full load, p50', 'ms', full, (one) => percentile(one.latenciesMs, 0.5)),
        figure('  full load, p99', 'ms', full, (one) => percentile(one.latenciesMs, 0.99)),
        figure(`half load (${shown(perSecond, 'per_second')}), p50`, 'ms', half, (one) =>
          percentile(one.latenciesMs, 0.5),
        ),
        figure('  half load, p99', 'ms', half, (one) => percentile(one.latenciesMs, 0.99)),
        {
          name: '  memory, peak',
          unit: 'bytes',
          measured: [await memory.bytes()],
          reference: { name: REFERENCE, measured: [await referenceMemory.bytes()] },
        },
      ],
      notes: [
        goalLine(throughput),
        `half load: goal less than ${GOAL_MS} ms more at p99; ${median(more).toFixed(2)} ms more (${Math.min(...more).toFixed(2)} to ${Math.max(...more).toFixed(2)}): ${median(more) < GOAL_MS ? 'reached' : 'not reached'}`,
        canPin()
          ? 'each server has one processor; the load generator and what takes the journal have the other'
          : 'processes cannot be kept to a processor here (no taskset): the figures mean less',
        `load generator: busy up to ${percent(bed.busy.ours)} of the time with the gateway, ${percent(bed.busy.bare)} with ${REFERENCE}; ` +
          'near 100 % it is the limit, not the server',
      ],
    };
  } finally {
    memory.stop();
    referenceMemory.stop();
    await gateway.stop();
    for (const line of gateway.log()) print(`gateway | ${line}`);
  }
}

/** Sends to both servers in turns. With a rate, that many requests begin in a second. */
function measure(
  bed: {
    context: BenchContext;
    load: LoadGenerator;
    connections: number;
    busy: { ours: number; bare: number };
  },
  servers: { ours: Server; bare: Server },
  size: { repetitions: number; seconds: number; perSecond?: number },
  done: (pair: { measured: Load; reference: Load }, repetition: number) => void,
) {
  const bodiesFile = join(bed.context.folder, 'decide');
  const count = size.seconds * (size.perSecond ?? MOST_PER_SECOND);
  const send = async (which: 'ours' | 'bare'): Promise<Load> => {
    const server = servers[which];
    const sent = await bed.load.send(
      {
        url: `${server.origin}/v1/decisions`,
        headers: { authorization: `Bearer ${SEED_API_KEY}` },
        bodiesFile,
        connections: bed.connections,
        durationMs: size.seconds * 1_000,
        ...(size.perSecond !== undefined && { perSecond: size.perSecond }),
        expected: { status: 200, text: server.says },
      },
      PATIENCE_MS + size.seconds * 1_000,
    );
    bed.busy[which] = Math.max(bed.busy[which], sent.busy);
    return sent;
  };
  return inTurns(size.repetitions, {
    prepare: () => writeBodies(bodiesFile, bodiesAsked(count, POLICY, bed.context.now)),
    measure: () => send('ours'),
    refer: () => send('bare'),
    done,
  });
}

async function acquireGateway(
  { releases, root, folder }: BenchContext,
  databaseUrl: string,
  collectorUrl: string,
): Promise<ServiceProcess> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  return releases.acquire(
    () =>
      startService({
        name: 'gateway',
        root,
        port,
        core: SERVER_CORE,
        env: {
          PATH: process.env['PATH'] ?? '',
          RLAAS_ENV: 'local',
          INTERNAL_TOKEN: randomBytes(24).toString('hex'),
          DATABASE_URL: databaseUrl,
          HOST: '127.0.0.1',
          METRICS_HOST: '127.0.0.1',
          GATEWAY_PORT: String(port),
          GATEWAY_METRICS_PORT: String(metricsPort),
          STATE_DIR: join(folder, 'gateway'),
          OBJECT_STORE_DIR: join(folder, 'objects'),
          COLLECTOR_URL: collectorUrl,
          LOG_LEVEL: 'warn',
          LOG_FORMAT: 'pretty',
          RATE_LIMIT_PER_KEY: '1000000000',
        },
      }),
    (started) => started.stop(),
  );
}

async function acquireWorker(
  { releases }: BenchContext,
  module: URL,
  core: number,
): Promise<{ origin: string; pid: number }> {
  const worker = await releases.acquire(
    async () => startWorker<object, string>(module, core),
    (started) => started.stop(),
  );
  const origin = await worker.ask({}, START_MS);
  if (!origin.startsWith('http://')) throw new BenchFailure(`${module.pathname} does not listen`);
  return { origin, pid: worker.pid };
}

function rateOf(load: Load): number {
  return (load.latenciesMs.length / load.elapsedMs) * 1_000;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function goalLine(figure: Figure): string {
  const ratio = median(ratiosOf(figure) ?? []);
  const verdict = ratio >= GOAL ? 'reached' : ratio >= LEAST ? 'not reached' : 'not done';
  return `full load: goal ${GOAL.toFixed(2)}; below ${LEAST.toFixed(2)} is not done. ${ratio.toFixed(2)}: ${verdict}`;
}
