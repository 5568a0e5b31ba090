import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@rlaas/database';
import type { Decision, IngestAnswer } from '@rlaas/schemas';
import type { Digit } from '../../demo/digits.ts';

export interface ApplicationOptions {
  /** The gateway. */
  origin: string;
  key: string;
  policy: string;
  digits: readonly Digit[];
  decisions: number;
  /** Decisions begin at least this far apart. */
  eachMs: number;
  /** Told after each decision. */
  onDecision: (index: number, right: boolean) => void;
}

/** What the application was told: the answer to each decision by its id, and the outcome events it sent. */
export interface ApplicationLog {
  decisions: Map<string, Decision>;
  outcomes: Set<string>;
  right: boolean[];
}

const GIVE_UP_MS = 60_000;
const ACTIONS = Array.from({ length: 10 }, (_, digit) => ({ id: String(digit) }));

/**
 * A small application: for each picture it asks which digit that is, and reports whether the answer was right. It
 * repeats what failed with the same ids, as any careful client does.
 */
export async function runApplication(options: ApplicationOptions): Promise<ApplicationLog> {
  const log: ApplicationLog = { decisions: new Map(), outcomes: new Set(), right: [] };
  for (let index = 0; index < options.decisions; index += 1) {
    const startedAt = Date.now();
    const digit = options.digits[index % options.digits.length];
    if (!digit) throw new Error('there are no digits');
    const id = newId(startedAt);
    const decision = await send<Decision>(options, '/v1/decisions', {
      id,
      policy: options.policy,
      context: { pixels: digit.pixels },
      actions: ACTIONS,
    });
    log.decisions.set(id, decision);
    const right = decision.action === String(digit.label);
    const outcome = newId(Date.now());
    const answer = await send<IngestAnswer>(options, '/v1/events', {
      events: [
        {
          id: outcome,
          type: 'outcome',
          occurred_at: new Date().toISOString(),
          source: 'digits',
          decision_id: id,
          data: { name: 'right', value: right },
        },
      ],
    });
    if (answer.counts.accepted + answer.counts.duplicate !== 1) throw new Error(JSON.stringify(answer));
    log.outcomes.add(outcome);
    log.right.push(right);
    options.onDecision(index, right);
    await sleep(Math.max(0, options.eachMs - (Date.now() - startedAt)));
  }
  return log;
}

async function send<T>({ origin, key }: ApplicationOptions, path: string, body: object): Promise<T> {
  const deadline = Date.now() + GIVE_UP_MS;
  for (;;) {
    let reason: string;
    try {
      const response = await fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.ok) return (await response.json()) as T;
      reason = `${response.status} ${await response.text()}`;
      // A policy that was just made is known to gateways within 2 s; until then it is 404.
      if (response.status < 500 && response.status !== 404) throw new TypeError(reason);
    } catch (error) {
      if (error instanceof TypeError && /^\d{3} /.test(error.message)) throw error;
      // No answer: whether it was done is not known, and the same ids make it safe to ask again.
      reason = String(error);
    }
    if (Date.now() > deadline)
      throw new Error(`${path} did not succeed in ${GIVE_UP_MS / 1_000} s: ${reason}`);
    await sleep(100);
  }
}
