import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpConnection, openConnection } from './http-connection.ts';
import type { LoadJob, LoadOutcome } from './load-job.ts';

/** Sends the bodies of a job over its connections and measures each answer. */
export async function sendLoad(job: LoadJob, bodies: readonly Buffer[]): Promise<LoadOutcome> {
  const connections: HttpConnection[] = [];
  try {
    for (let index = 0; index < job.connections; index += 1) {
      connections.push(
        await openConnection(new URL(job.url), { 'content-type': 'application/json', ...job.headers }),
      );
    }
    return await sendOver(connections, job, bodies);
  } catch (error) {
    // The server is gone or silent: an outcome of the load, not a fault of the generator.
    return {
      ok: false,
      reason: `a request failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function sendOver(
  connections: readonly HttpConnection[],
  job: LoadJob,
  bodies: readonly Buffer[],
): Promise<LoadOutcome> {
  const latenciesMs = new Float64Array(bodies.length);
  let sent = 0;
  let answered = 0;
  let failure: string | undefined;
  const utilization = performance.eventLoopUtilization();
  const beganAt = performance.now();
  const deadline = beganAt + (job.durationMs ?? Number.POSITIVE_INFINITY);
  let endedAt = beganAt;

  const sendOn = async (connection: HttpConnection): Promise<void> => {
    while (failure === undefined) {
      const body = bodies[sent];
      // With a rate, the time at which the request was due: what it waited for a connection counts.
      const dueAt =
        job.perSecond === undefined ? performance.now() : beganAt + (sent / job.perSecond) * 1_000;
      if (body === undefined || dueAt >= deadline) return;
      sent += 1;
      const early = dueAt - performance.now();
      if (early > 0.5) await sleep(early);
      const sentAt = job.perSecond === undefined || early <= 0 ? dueAt : performance.now();
      const answer = await connection.post(body);
      endedAt = performance.now();
      latenciesMs[answered] = endedAt - sentAt;
      answered += 1;
      if (answer.status !== job.expected.status || !answer.text.includes(job.expected.text)) {
        failure ??= `an answer was ${answer.status} ${answer.text.slice(0, 500)}`;
      }
    }
  };
  await Promise.all(connections.map(sendOn));
  const busy = performance.eventLoopUtilization(utilization).utilization;
  if (failure !== undefined) return { ok: false, reason: failure };
  return { ok: true, elapsedMs: endedAt - beganAt, latenciesMs: latenciesMs.slice(0, answered), busy };
}
