import { type Answer, type SentRequest, endsOf } from './history.ts';
import type { Told } from './told.ts';
import type { Violation } from './violation.ts';

/** I5: each answer by itself: its counts, its results, its status. */
export function answersAddUp({ history }: Told): Violation[] {
  return history.requests.flatMap((request) => {
    const { answer } = request;
    const found = (kind: Violation['kind'], what: string): Violation[] => [
      { kind, what, requests: [request] },
    ];
    if (answer.kind === 'unexpected') {
      return found('unexpected_answer', `status ${answer.status}: ${answer.body.slice(0, 500)}`);
    }
    if (answer.kind !== 'results') return [];
    const mistake = mistakeInResults(request, answer) ?? mistakeInCounts(request, answer);
    if (mistake !== undefined) return found('counts_wrong', mistake);
    const wanted = statusOf(answer);
    return answer.status === wanted
      ? []
      : found('status_wrong', `status ${answer.status}, and by its counts ${wanted}`);
  });
}

type Results = Extract<Answer, { kind: 'results' }>;

function mistakeInResults({ events, whole }: SentRequest, { results }: Results): string | undefined {
  const seen = new Set<number>();
  for (const { index, id } of results) {
    const event = events[index];
    if (!event) return `a result for place ${index} of ${events.length} events`;
    if (seen.has(index)) return `two results for place ${index}`;
    seen.add(index);
    if (id !== event.id) return `the result for place ${index} has the id ${id}, the event ${event.id}`;
  }
  if (whole && results.length !== events.length) {
    return `${results.length} results for ${events.length} events, although each was asked for`;
  }
  return undefined;
}

function mistakeInCounts(request: SentRequest, { counts }: Results): string | undefined {
  const { received, accepted, duplicate, rejected, retry } = counts;
  if (received !== request.events.length) return `received ${received} of ${request.events.length} events`;
  if (received !== accepted + duplicate + rejected + retry) return `do not add up: ${JSON.stringify(counts)}`;
  const ends = endsOf(request);
  for (const status of ['accepted', 'duplicate', 'rejected', 'retry'] as const) {
    const told = ends.filter((end) => end.status === status).length;
    if (told !== counts[status]) return `${counts[status]} ${status} by the counts, ${told} by the results`;
  }
  return undefined;
}

function statusOf({ counts: { received, accepted, duplicate, rejected, retry } }: Results): number {
  if (accepted + duplicate === received) return 200;
  if (rejected === received) return 422;
  return retry === received ? 503 : 207;
}
