import { performance } from 'node:perf_hooks';
import { Client } from 'undici';
import type { LoadJob, LoadOutcome } from './load-job.ts';

const ANSWER_TIMEOUT_MS = 30_000;

/** Sends the bodies of a job over its connections and measures each answer. */
export async function sendLoad(job: LoadJob, bodies: readonly Buffer[]): Promise<LoadOutcome> {
  const { origin, pathname, search } = new URL(job.url);
  const latenciesMs = new Float64Array(bodies.length);
  const headers = { 'content-type': 'application/json', ...job.headers };
  let sent = 0;
  let answered = 0;
  let failure: string | undefined;

  const clients = Array.from(
    { length: job.connections },
    () =>
      new Client(origin, {
        pipelining: 1,
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      }),
  );
  const utilization = performance.eventLoopUtilization();
  const beganAt = performance.now();
  const deadline = beganAt + (job.durationMs ?? Number.POSITIVE_INFINITY);
  let endedAt = beganAt;

  const sendOn = async (client: Client): Promise<void> => {
    while (failure === undefined) {
      const sentAt = performance.now();
      const body = bodies[sent];
      if (body === undefined || sentAt >= deadline) return;
      sent += 1;
      const answer = await client.request({ path: pathname + search, method: 'POST', headers, body });
      const text = await answer.body.text();
      endedAt = performance.now();
      latenciesMs[answered] = endedAt - sentAt;
      answered += 1;
      if (
        answer.statusCode !== job.expected.status ||
        memberOf(text, job.expected.member) !== job.expected.value
      ) {
        failure ??= `an answer was ${answer.statusCode} ${text.slice(0, 500)}`;
      }
    }
  };
  await Promise.all(
    clients.map((client) =>
      sendOn(client).catch((error: unknown) => {
        // The server is gone or silent: an outcome of the load, not a fault of the generator.
        failure ??= `a request failed: ${error instanceof Error ? error.message : String(error)}`;
      }),
    ),
  );
  const busy = performance.eventLoopUtilization(utilization).utilization;
  await Promise.all(clients.map((client) => client.destroy()));
  if (failure !== undefined) return { ok: false, reason: failure };
  return { ok: true, elapsedMs: endedAt - beganAt, latenciesMs: latenciesMs.slice(0, answered), busy };
}

function memberOf(text: string, path: readonly string[]): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON at all: then the member is missing, and the answer itself is told.
    return undefined;
  }
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
