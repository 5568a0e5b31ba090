import { join } from 'node:path';
import { BenchFailure } from '../bench-failure.ts';
import { writeBodies } from '../load/bodies-file.ts';
import type { Load } from '../load/load-generator.ts';
import { type Pair, inTurns } from '../repetitions.ts';
import { type Figure, shown } from '../report/figure.ts';
import { percentile } from '../statistics.ts';
import type { BareServer } from './bare-server.ts';
import { type IngestBed, type Server, sendEvents } from './bed.ts';
import type { Collector } from './collector-process.ts';
import { bodiesOf, makeEvents } from './events.ts';

/** Bodies are made before they are sent; where these do not last for the time, the run ends early. */
const MOST_PER_SECOND = 25_000;
const MOST_PER_SECOND_ALONE = 5_000;
const PATIENCE_MS = 60_000;
const REFERENCE_NAME = 'bare Fastify';

interface Loop {
  name: string;
  connections: number;
  seconds: number;
  mostPerSecond: number;
}

/** Requests with one event each, in a closed loop, beside a bare Fastify route. */
export async function measureSingleEvents(
  bed: IngestBed,
  servers: { collector: Collector; bare: BareServer },
  connections: number,
): Promise<Figure[]> {
  const { size } = bed;
  const crowd = { name: 'single events', connections, seconds: size.seconds, mostPerSecond: MOST_PER_SECOND };
  const alone = {
    name: 'lone sender',
    connections: 1,
    seconds: size.loneSeconds,
    mostPerSecond: MOST_PER_SECOND_ALONE,
  };
  bed.print('single events: warming up');
  await runLoop(bed, servers, { ...crowd, seconds: size.loneSeconds }, 1, () => undefined);
  const crowded = await runLoop(bed, servers, crowd, size.repetitions, bed.print);
  const lone = await runLoop(bed, servers, alone, size.repetitions, bed.print);
  return [
    figure(`single events, ${connections} connections: requests`, 'per_second', crowded, rateOf),
    figure('  request, p50', 'ms', crowded, (load) => percentile(load.latenciesMs, 0.5)),
    figure('  request, p99', 'ms', crowded, (load) => percentile(load.latenciesMs, 0.99)),
    figure('single events, a lone sender: p50', 'ms', lone, (load) => percentile(load.latenciesMs, 0.5)),
    figure('  request, p99', 'ms', lone, (load) => percentile(load.latenciesMs, 0.99)),
  ];
}

function runLoop(
  bed: IngestBed,
  { collector, bare }: { collector: Collector; bare: BareServer },
  loop: Loop,
  repetitions: number,
  print: (line: string) => void,
): Promise<Pair<Load, Load>[]> {
  const bodiesFile = join(bed.folder, 'single-events');
  const send = async (server: Server): Promise<Load> => {
    await bed.database.reset();
    return sendEvents(bed, {
      server,
      bodiesFile,
      eventsPerBody: 1,
      connections: loop.connections,
      durationMs: loop.seconds * 1_000,
      timeoutMs: PATIENCE_MS + loop.seconds * 1_000,
    });
  };
  return inTurns(repetitions, {
    prepare: () =>
      writeBodies(bodiesFile, bodiesOf(makeEvents(loop.seconds * loop.mostPerSecond, bed.now), 1)),
    async measure() {
      const load = await send(collector);
      const { rows } = await bed.database.contents('rlaas.events');
      if (rows !== load.latenciesMs.length) {
        throw new BenchFailure(
          `rlaas.events has ${rows} rows after ${load.latenciesMs.length} were acknowledged`,
        );
      }
      return load;
    },
    refer: () => send(bare),
    done({ measured, reference }, repetition) {
      print(
        `${loop.name}: ${repetition} of ${repetitions}: collector ${shown(rateOf(measured), 'per_second')}, ` +
          `${REFERENCE_NAME} ${shown(rateOf(reference), 'per_second')}`,
      );
    },
  });
}

function figure(
  name: string,
  unit: Figure['unit'],
  pairs: readonly Pair<Load, Load>[],
  valueOf: (load: Load) => number,
): Figure {
  return {
    name,
    unit,
    measured: pairs.map(({ measured }) => valueOf(measured)),
    reference: { name: REFERENCE_NAME, measured: pairs.map(({ reference }) => valueOf(reference)) },
  };
}

function rateOf(load: Load): number {
  return (load.latenciesMs.length / load.elapsedMs) * 1_000;
}
