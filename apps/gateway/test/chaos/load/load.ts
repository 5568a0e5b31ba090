import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import type { Answer, AnsweredDecision } from '../history/history.ts';
import type { Random } from '../random.ts';

/** Share of requests for a decision that was answered before. */
const AGAIN = 0.1;
/** Longer than the gateway may take for an answer. */
const PATIENCE_MS = 5_000;
const SETTLE_MS = 60_000;

/** Clients that ask for decisions, and what they were told. */
export interface Load {
  readonly history: ReadonlyMap<string, readonly Answer[]>;
  /** Requests for a decision that a client knew the answer of. */
  readonly repeated: number;
  /** Returns when no request is on its way. */
  stop: () => Promise<void>;
  /** Asks again, for at most a minute, for all that got no answer. */
  settle: () => Promise<void>;
}

/** @param origin of the gateway */
export function startLoad(origin: string, clients: number, random: Random): Load {
  const history = new Map<string, Answer[]>();
  const open: string[] = [];
  const answered: string[] = [];
  let repeated = 0;
  const halt = new AbortController();

  async function ask(id: string, draw: Random): Promise<void> {
    const answers = history.get(id) ?? [];
    history.set(id, answers);
    const answer = await request(origin, bodyOf(id, draw));
    answers.push(answer);
    if (answer.kind === 'decided') answered.push(id);
    else if (answer.kind !== 'unexpected') open.push(id);
    // Nobody is there: the next try need not come at once.
    if (answer.kind !== 'decided') await sleep(20);
  }

  async function client(draw: Random): Promise<void> {
    while (!halt.signal.aborted) {
      const again =
        answered.length > 0 && draw.chance(AGAIN) ? answered[draw.int(0, answered.length - 1)] : undefined;
      if (again !== undefined) repeated += 1;
      await ask(again ?? open.shift() ?? newId(Date.now()), draw);
      await sleep(draw.int(0, 3));
    }
  }

  const all = Array.from({ length: clients }, (_, index) => client(random.fork(`client ${index}`)));
  return {
    history,
    get repeated() {
      return repeated;
    },
    async stop() {
      halt.abort();
      await Promise.all(all);
    },
    async settle() {
      const draw = random.fork('settle');
      const deadline = Date.now() + SETTLE_MS;
      for (let id = open.shift(); id !== undefined && Date.now() < deadline; id = open.shift()) {
        await ask(id, draw);
      }
    },
  };
}

/** Of one id always the same: what is asked again is the same request. */
function bodyOf(id: string, random: Random): string {
  const draw = random.fork(id);
  return JSON.stringify({
    id,
    policy: 'support-draft',
    context: {
      topic: ['billing', 'delivery', 'login'][draw.int(0, 2)],
      message_length: draw.int(1, 400),
      tags: Array.from({ length: draw.int(0, 60) }, () => draw.int(0, 1_000)),
    },
  });
}

async function request(origin: string, body: string): Promise<Answer> {
  try {
    const response = await fetch(`${origin}/v1/decisions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SEED_API_KEY}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    const { status } = response;
    if (status === 200) return { kind: 'decided', decision: JSON.parse(text) as AnsweredDecision, text };
    if (status === 503 || status === 429) return { kind: 'refused', status };
    return { kind: 'unexpected', status, body: text };
  } catch {
    // The connection broke, or there was none.
    return { kind: 'unanswered' };
  }
}
