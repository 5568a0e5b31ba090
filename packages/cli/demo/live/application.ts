import { newId } from '@rlaas/database';
import type { Decision, IngestAnswer } from '@rlaas/schemas';
import type { Digit } from '../digits.ts';
import type { Client } from '../client.ts';
import { POLICY } from './digits-policy.ts';

/** What the application knows of a decision. */
export interface Answer {
  /** Milliseconds since 1970, when it was asked. */
  at: number;
  right: boolean;
  version: string | null;
  mode: Decision['mode'];
}

/** An application that reads digits: asks which one it is, and reports whether the answer was right. */
export interface Application {
  readonly answers: readonly Answer[];
  /** Goes on until told to stop, several requests at a time. @throws Error when it took more than `most` decisions */
  run: (until: () => boolean, most: number) => Promise<void>;
}

const AT_A_TIME = 6;

/** @param onAnswer told after each decision, with how many there were */
export function createApplication(
  client: Client,
  digits: readonly Digit[],
  onAnswer: (count: number) => void,
): Application {
  const answers: Answer[] = [];
  let next = 0;

  async function decide(): Promise<void> {
    const digit = digits[next % digits.length];
    next += 1;
    if (!digit) throw new Error('there are no digits');
    const at = Date.now();
    const decision = await client.post<Decision>('/v1/decisions', {
      id: newId(at),
      policy: POLICY,
      context: { pixels: digit.pixels },
    });
    const right = decision.action === String(digit.label);
    const event = {
      id: newId(Date.now()),
      type: 'outcome',
      occurred_at: new Date().toISOString(),
      source: 'digits',
      decision_id: decision.id,
      data: { name: 'right', value: right },
    };
    const told = await client.post<IngestAnswer>('/v1/events', { events: [event] });
    if (told.counts.accepted + told.counts.duplicate !== 1) throw new Error(JSON.stringify(told));
    answers.push({ at, right, version: decision.policy_version, mode: decision.mode });
    onAnswer(answers.length);
  }

  return {
    answers,
    async run(until, most) {
      const last = next + most;
      const worker = async (): Promise<void> => {
        while (!until()) {
          if (next >= last) throw new Error(`nothing came of ${most} decisions`);
          await decide();
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    },
  };
}

/** Share of right answers. */
export function accuracyOf(answers: readonly Answer[]): number {
  return answers.filter(({ right }) => right).length / answers.length;
}
