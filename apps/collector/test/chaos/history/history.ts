import type { Snapshot } from './snapshot.ts';

/** An event as it was sent. What is sent again is the same object; another content under its id is another one. */
export interface SentEvent {
  /** Its place in the order in which events were made; names it in reports. */
  number: number;
  id: string;
  /** Whether the collector should take it, by its content alone. */
  meant: 'well' | 'invalid';
  content: Readonly<Record<string, unknown>>;
}

export interface AnswerCounts {
  received: number;
  accepted: number;
  duplicate: number;
  rejected: number;
  retry: number;
}

export interface AnswerResult {
  index: number;
  id: string | null;
  status: 'accepted' | 'duplicate' | 'rejected' | 'retry';
  code?: string | undefined;
}

/** What a client was told about a request. */
export type Answer =
  /** There was no connection, so nothing of it can have been stored. */
  | { kind: 'unsent' }
  /** The connection broke or the client gave up: it may be stored or not. */
  | { kind: 'unanswered'; reason: string }
  /** "Not now", for the request as a whole: 408, 429, or 503 without results. */
  | { kind: 'refused'; status: number }
  | { kind: 'results'; status: number; counts: AnswerCounts; results: readonly AnswerResult[] }
  /** Nothing that a client of the API has to expect. */
  | { kind: 'unexpected'; status: number; body: string };

/** One request of a client and what came of it. Times are milliseconds since the begin of the run. */
export interface SentRequest {
  number: number;
  client: number;
  startedAt: number;
  endedAt: number;
  events: readonly SentEvent[];
  /** Whether a result for each event was asked for; else those that were accepted are not listed. */
  whole: boolean;
  answer: Answer;
}

/** Everything that clients sent and were told. */
export interface History {
  tenantId: string;
  /** What the tables held before the first request. */
  before: Snapshot;
  requests: readonly SentRequest[];
}

/** What a client was told about an event of a request. */
export interface End {
  status: AnswerResult['status'] | 'unanswered' | 'unsent';
  code?: string | undefined;
}

/** The end of each event of a request, in its order. An event that the results leave out was accepted. */
export function endsOf({ events, answer }: Pick<SentRequest, 'events' | 'answer'>): End[] {
  switch (answer.kind) {
    case 'unsent':
      return events.map(() => ({ status: 'unsent' }));
    case 'unanswered':
    case 'unexpected':
      return events.map(() => ({ status: 'unanswered' }));
    case 'refused':
      return events.map(() => ({ status: 'retry' }));
    case 'results':
      break;
  }
  const told = new Map(answer.results.map((result) => [result.index, result]));
  return events.map((_, index) => {
    const result = told.get(index);
    return result ? { status: result.status, code: result.code } : { status: 'accepted' };
  });
}

/** Whether a client is done with an event that ended so. */
export function isFinal({ status }: End): boolean {
  return status === 'accepted' || status === 'duplicate' || status === 'rejected';
}
