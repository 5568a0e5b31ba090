import type { Load, LoadGenerator } from '../load/load-generator.ts';
import type { LoadJob } from '../load/load-job.ts';
import { SEED_API_KEY } from '@rlaas/schemas';
import type { BenchDatabase } from './bench-database.ts';

/** How much is measured. */
export interface IngestSize {
  repetitions: number;
  /** Of a repetition of the batches, and of what is sent before them and not counted. */
  events: number;
  warmUpEvents: number;
  /** Of a repetition of single events, and of a lone sender. */
  seconds: number;
  loneSeconds: number;
}

/** What load is sent to. */
export interface Server {
  kind: 'collector' | 'bare';
  origin: string;
}

/** What both parts of the bench work with. */
export interface IngestBed {
  size: IngestSize;
  database: BenchDatabase;
  load: LoadGenerator;
  /** For bodies of requests. */
  folder: string;
  now: () => number;
  print: (line: string) => void;
  /** Told of each load: how busy the generator itself was, from 0 to 1. */
  onBusy: (server: Server['kind'], share: number) => void;
}

/** Sends events to a server as an application would; every answer must say that it accepted what one request holds. */
export async function sendEvents(
  bed: IngestBed,
  given: {
    server: Server;
    bodiesFile: string;
    eventsPerBody: number;
    connections: number;
    durationMs?: number;
    timeoutMs: number;
  },
): Promise<Load> {
  const job: LoadJob = {
    url: `${given.server.origin}/v1/events`,
    headers: { authorization: `Bearer ${SEED_API_KEY}` },
    bodiesFile: given.bodiesFile,
    connections: given.connections,
    expected: { status: 200, text: `"accepted":${given.eventsPerBody},` },
  };
  if (given.durationMs !== undefined) job.durationMs = given.durationMs;
  const sent = await bed.load.send(job, given.timeoutMs);
  bed.onBusy(given.server.kind, sent.busy);
  return sent;
}
