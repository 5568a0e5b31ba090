import { Agent, request as httpRequest } from 'node:http';
import { z } from 'zod';
import type { Answer, SentEvent } from '../history/history.ts';

const count = z.int().min(0);
/** Read with a form of its own: what the collector takes for right must not be what judges it. */
const resultsSchema = z.object({
  counts: z.object({ received: count, accepted: count, duplicate: count, rejected: count, retry: count }),
  results: z.array(
    z.object({
      index: z.int(),
      id: z.string().nullable(),
      status: z.enum(['accepted', 'duplicate', 'rejected', 'retry']),
      code: z.string().optional(),
    }),
  ),
});
const NOT_NOW = new Set([408, 429, 503]);
/** The connection was never made, so nothing can have come through. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'EADDRNOTAVAIL']);

/** One client's connection. Each call is one request: nothing is sent again behind the back of the history. */
export interface Sender {
  send(
    events: readonly SentEvent[],
    options: { origin: string; whole: boolean; patienceMs: number },
  ): Promise<Answer>;
  close(): void;
}

export function createSender(apiKey: string): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    close: () => agent.destroy(),
    send(events, { origin, whole, patienceMs }) {
      const body = JSON.stringify({ events: events.map(({ content }) => content) });
      return new Promise((resolve) => {
        const sending = httpRequest(`${origin}/v1/events`, {
          method: 'POST',
          agent,
          headers: {
            authorization: `Bearer ${apiKey}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            ...(whole && { prefer: 'return=representation' }),
          },
        });
        const patience = setTimeout(() => end({ kind: 'unanswered', reason: 'gave up waiting' }), patienceMs);
        const end = (answer: Answer): void => {
          clearTimeout(patience);
          resolve(answer);
          // Does nothing when the answer is complete.
          sending.destroy();
        };
        const broken = (error: NodeJS.ErrnoException): void =>
          end(
            NEVER_CONNECTED.has(error.code ?? '')
              ? { kind: 'unsent' }
              : { kind: 'unanswered', reason: error.code ?? error.message },
          );
        sending.on('error', broken);
        sending.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', broken);
          response.on('end', () => {
            clearTimeout(patience);
            resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
          });
        });
        sending.end(body);
      });
    },
  };
}

/** What an answer that came whole says. */
export function answerOf(status: number, body: string): Answer {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { kind: 'unexpected', status, body };
  }
  const read = resultsSchema.safeParse(json);
  if (read.success) return { kind: 'results', status, ...read.data };
  return NOT_NOW.has(status) ? { kind: 'refused', status } : { kind: 'unexpected', status, body };
}
