import { z } from 'zod';

const count = z.int().min(0);
const answerSchema = z.object({
  counts: z.object({ received: count, accepted: count, duplicate: count, rejected: count, retry: count }),
  results: z.array(
    z.object({
      index: count,
      id: z.string().nullable(),
      status: z.enum(['accepted', 'duplicate', 'rejected', 'retry']),
    }),
  ),
});
const problemSchema = z.object({ code: z.string(), retryable: z.boolean(), status: z.int() });

/** Ids that the collector said it has stored. */
export class Told {
  readonly accepted = new Set<string>();
  rejected = 0;

  /**
   * Takes an answer down whose request asked for every result.
   * @returns what is wrong with it in words
   */
  read(status: number, body: string): string | undefined {
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      return `${status} with a body that is no JSON: ${body.slice(0, 200)}`;
    }
    const answer = answerSchema.safeParse(json);
    if (!answer.success) {
      const problem = problemSchema.safeParse(json);
      return problem.success && problem.data.status === status
        ? undefined
        : `${status} with neither results nor a problem: ${body.slice(0, 200)}`;
    }
    const { counts, results } = answer.data;
    const sum = counts.accepted + counts.duplicate + counts.rejected + counts.retry;
    if (sum !== counts.received || results.length !== counts.received) {
      return `counts do not add up: ${JSON.stringify(counts)}, ${results.length} results`;
    }
    this.rejected += counts.rejected;
    for (const result of results) {
      if (result.status === 'rejected' || result.status === 'retry') continue;
      if (result.id === null) return `event ${result.index} is ${result.status} without an id`;
      this.accepted.add(result.id);
    }
    return undefined;
  }
}
