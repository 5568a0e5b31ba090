import {
  type Event,
  type EventResult,
  type Import,
  importSchema,
  ingestAnswerSchema,
  policySchema,
} from '@rlaas/schemas';
import { type ApiClient, type ApiExchange, refusalOf } from '../apply/api-client.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import type { ImportServer, SentEvent } from './import-server.ts';

/** Answers that say nothing of any event, and may be another one later. */
const PASSING = new Set([408, 429, 502, 503, 504]);
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const GIVE_UP_MS = 5 * 60_000;

export interface HttpImportServerOptions {
  api: ApiClient;
  now: () => number;
  /** Ends early when the import is broken off. */
  sleep: (ms: number) => Promise<void>;
  /** Breaks the import off. */
  signal: AbortSignal;
}

/** The import routes of an installation. What failed only for now is sent again, with growing pauses. */
export function createHttpImportServer(options: HttpImportServerOptions): ImportServer {
  const { api, now, sleep, signal } = options;

  /** An answer that will stay the same; `undefined` when it was broken off before there was one. */
  async function insist(path: string, body: unknown): Promise<ApiExchange | undefined> {
    const deadline = now() + GIVE_UP_MS;
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const answer = await api
        .exchange(path, { method: 'POST', body, signal })
        .catch((error: unknown) => silenceOf(error));
      if (signal.aborted) return undefined;
      const silent = answer instanceof CommandError;
      // A batch of which each event is to be sent again is answered with 503 and with results.
      if (!silent && (!PASSING.has(answer.status) || ingestAnswerSchema.safeParse(answer.body).success)) {
        return answer;
      }
      if (now() >= deadline) throw silent ? answer : refusalOf(api.origin, 'POST', path, answer);
      await sleep(silent ? pause : Math.max(pause, retryAfterMs(answer)));
    }
    return undefined;
  }

  async function ask(path: string, body: unknown): Promise<Import> {
    const answer = await insist(path, body);
    if (!answer) throw new CommandError(EXIT.failed, 'Stopped before the import was begun or completed.');
    if (answer.status !== 200) throw refusalOf(api.origin, 'POST', path, answer);
    return importSchema.parse(answer.body);
  }

  return {
    async findPolicy(name) {
      const path = `/v1/policies/${name}`;
      const answer = await api.exchange(path);
      if (answer.status === 403) return 'hidden';
      if (answer.status === 404) return 'missing';
      if (answer.status !== 200) throw refusalOf(api.origin, 'GET', path, answer);
      return policySchema.parse(answer.body);
    },
    begin: (source, digest) => ask('/v1/imports', { source, digest }),
    complete: (importId) => ask(`/v1/imports/${importId}/complete`, {}),

    async send(importId, events) {
      const sent = new Map<number, SentEvent>();
      let left = [...events.keys()];
      let stuckSince: number | undefined;
      for (let pause = FIRST_PAUSE_MS; left.length > 0;) {
        const batch = left.map((index) => events[index] as Event);
        const answer = await insist('/v1/events', { import_id: importId, events: batch });
        if (!answer) break;
        const again = take(answer, left, sent);
        if (again === undefined) throw refusalOf(api.origin, 'POST', '/v1/events', answer);
        if (again.length === left.length) {
          stuckSince ??= now();
          if (now() - stuckSince >= GIVE_UP_MS) {
            throw new CommandError(
              EXIT.failed,
              'The collector has stored nothing for 5 minutes; what it stored before stays. Run the same command again later.',
            );
          }
          pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        } else {
          stuckSince = undefined;
          pause = FIRST_PAUSE_MS;
        }
        left = again;
        if (left.length > 0) await sleep(Math.max(pause, retryAfterMs(answer)));
      }
      return events.map((_, index) => sent.get(index) ?? { status: 'unsent' });
    },
  };
}

/** Notes what is settled. @returns what is to be sent again, `undefined` when this answers no batch */
function take(
  { body }: ApiExchange,
  asked: readonly number[],
  sent: Map<number, SentEvent>,
): number[] | undefined {
  const parsed = ingestAnswerSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { counts, results } = parsed.data;
  const told = new Map(results.map((result) => [result.index, result]));
  // What is not listed is accepted; were the list cut short, events would be taken for stored that are not.
  const unlisted = asked.length - told.size;
  const accepted = results.filter(({ status }) => status === 'accepted').length + unlisted;
  if (counts.received !== asked.length || counts.accepted !== accepted) return undefined;
  const again: number[] = [];
  for (const [place, index] of asked.entries()) {
    const result = told.get(place);
    if (result?.status === 'retry') again.push(index);
    else sent.set(index, sentEvent(result));
  }
  return again;
}

function sentEvent(result: EventResult | undefined): SentEvent {
  if (!result) return { status: 'accepted' };
  const { status, code, path = '', message = '' } = result;
  return status === 'rejected'
    ? { status, code, path, message }
    : { status: status === 'duplicate' ? 'duplicate' : 'accepted' };
}

function silenceOf(error: unknown): CommandError {
  if (error instanceof CommandError && error.exitCode === EXIT.apiUnreachable) return error;
  throw error;
}

function retryAfterMs({ headers }: ApiExchange): number {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, 60_000) : 0;
}
