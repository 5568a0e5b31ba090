import { ingestAnswerSchema, problemSchema } from '@rlaas/schemas';
import { request } from 'undici';
import type { Send } from '../journal/shipper.ts';

/** What an answer that is no problem+json is called: of a proxy, say. */
const UNKNOWN = { code: 'unknown', message: 'the answer is not one of the collector' };
const LONGEST_PAUSE_MS = 60_000;

/** Sends journal entries to the collector's internal route. Not by `fetch`, which copies a body three times. */
export function createCollectorClient(options: {
  url: string;
  internalToken: string;
  timeoutMs: number;
}): Send {
  return async (tenantId, body, signal) => {
    const response = await request(`${options.url}/internal/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-rlaas-internal-token': options.internalToken,
        'x-rlaas-tenant': tenantId,
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]),
    });
    const text = await response.body.text();
    const value = jsonOf(text);
    const answer = ingestAnswerSchema.safeParse(value);
    if (answer.success) return { kind: 'answered', answer: answer.data };
    const problem = problemSchema.safeParse(value);
    const { code, message } = problem.success
      ? { code: problem.data.code, message: problem.data.detail ?? problem.data.title }
      : { ...UNKNOWN, message: `${UNKNOWN.message}: ${text.slice(0, 500)}` };
    return {
      kind: 'refused',
      status: response.statusCode,
      code,
      message,
      pauseMs: pauseOf(response.headers['retry-after']),
    };
  };
}

function pauseOf(retryAfter: string | string[] | undefined): number {
  const seconds = Number(retryAfter ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds * 1_000), LONGEST_PAUSE_MS) : 0;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not of the collector; what it is instead is in the message.
    return undefined;
  }
}
