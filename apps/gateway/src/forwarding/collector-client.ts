import { type IngestAnswer, ingestAnswerSchema } from '@rlaas/schemas';

/** Sends events to the collector's internal route. @throws when there is no answer, or one that is not its own */
export function createCollectorClient(options: {
  url: string;
  internalToken: string;
  timeoutMs: number;
}): (tenantId: string, events: readonly unknown[]) => Promise<IngestAnswer> {
  return async (tenantId, events) => {
    const response = await fetch(`${options.url}/internal/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-rlaas-internal-token': options.internalToken,
        'x-rlaas-tenant': tenantId,
      },
      body: JSON.stringify({ events }),
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    const body: unknown = await response.json();
    const answer = ingestAnswerSchema.safeParse(body);
    if (!answer.success)
      throw new Error(`the collector answered ${response.status}: ${JSON.stringify(body).slice(0, 500)}`);
    return answer.data;
  };
}
