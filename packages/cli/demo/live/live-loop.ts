import type { RolloutDetails } from '@rlaas/schemas';
import type { Digit } from '../digits.ts';
import { type Client, Refused } from '../client.ts';
import { type Application, accuracyOf, createApplication } from './application.ts';
import { type LiveSize, installBroken, installPolicy } from './digits-policy.ts';
import { beginRollout, watchRollout } from './watched-rollout.ts';

/** Where the loop is, for whoever shows it. */
export interface LiveProgress {
  decisions: number;
  /** Of the last 200 answers. */
  accuracy: number;
  version: 'v1' | 'v2';
  rollout: RolloutDetails;
}

/** A step of a rollout, and after how many decisions the application saw it. */
export interface SeenStep {
  decisions: number;
  rollout: RolloutDetails;
}

/** What came of the loop. */
export interface LiveResult {
  decisions: number;
  /** Share of right answers: of the baseline, of `v1` when it had just become active, and after the rollback of `v2`. */
  accuracy: { baseline: number; active: number; after: number };
  v1: { steps: SeenStep[]; rollout: RolloutDetails };
  v2: {
    steps: SeenStep[];
    rollout: RolloutDetails;
    /** Decisions that `v2` made, and those right. */
    decisions: number;
    right: number;
    /** From its rollback to its last decision, in milliseconds; negative: that was before. */
    lastAfterMs: number;
  };
}

const MOST_DECISIONS = 60_000;
const WINDOW = 200;
const AFTER = 400;

/**
 * An application goes on asking, and everything else happens beside it: `v1` learns in shadow, gets traffic by evidence
 * and becomes active; `v2`, which is broken, is put into canary by approval and taken back by itself.
 */
export async function runLiveLoop(options: {
  client: Client;
  digits: readonly Digit[];
  size: LiveSize;
  onProgress: (progress: LiveProgress) => void;
  onStep: (step: SeenStep) => void;
  /** Told of each decision; tests do their worst there. */
  onDecision?: (count: number) => void;
}): Promise<LiveResult> {
  const { client, digits, size, onProgress, onStep, onDecision } = options;
  let report = (): void => undefined;
  const application = createApplication(client, digits, (count) => {
    onDecision?.(count);
    report();
  });
  const { answers } = application;

  async function follow(
    version: 'v1' | 'v2',
    begin: () => Promise<RolloutDetails>,
    isOver: (rollout: RolloutDetails) => boolean,
  ) {
    const steps: SeenStep[] = [];
    const seen = (rollout: RolloutDetails): void => {
      const step = { decisions: answers.length, rollout };
      steps.push(step);
      onStep(step);
    };
    const begun = await begin();
    seen(begun);
    const watched = await watchRollout(client, begun.id, seen);
    report = () =>
      onProgress({
        decisions: answers.length,
        accuracy: accuracyOf(answers.slice(-WINDOW)),
        version,
        rollout: watched.current,
      });
    await application.run(() => isOver(watched.current), MOST_DECISIONS);
    await watched.stop();
    report = () => undefined;
    return { steps, rollout: watched.current };
  }

  await installPolicy(client, size);
  const v1 = await follow(
    'v1',
    () => beginRollout(client, 'v1'),
    ({ stage }) => stage === 'active' || stage === 'ended',
  );
  if (v1.rollout.stage !== 'active') throw new Error(`v1 was not promoted: ${v1.rollout.outcome}`);
  await goOn(application, AFTER);
  const active = accuracyOf(answers.slice(-AFTER));

  await installBroken(client);
  const v2 = await follow(
    'v2',
    async () => {
      const { id, revision } = await beginRollout(client, 'v2');
      return approve(client, id, revision);
    },
    ({ stage }) => stage === 'ended',
  );
  if (v2.rollout.outcome !== 'rolled_back') throw new Error(`v2 was not rolled back: ${v2.rollout.outcome}`);
  await goOn(application, AFTER);
  const byBroken = answers.filter(({ version }) => version === 'v2');
  const rolledBack = Date.parse(v2.rollout.transitions.at(-1)?.at ?? '');
  return {
    decisions: answers.length,
    accuracy: {
      baseline: accuracyOf(answers.filter(({ version, mode }) => version === null && mode === 'shadow_only')),
      active,
      after: accuracyOf(answers.slice(-AFTER)),
    },
    v1,
    v2: {
      ...v2,
      decisions: byBroken.length,
      right: byBroken.filter(({ right }) => right).length,
      lastAfterMs: Math.max(...byBroken.map(({ at }) => at)) - rolledBack,
    },
  };
}

/** The next step, which a person answers for. */
async function approve(client: Client, id: string, revision: number): Promise<RolloutDetails> {
  try {
    return await client.post<RolloutDetails>(`/v1/rollouts/${id}/approve`, {
      revision,
      reason: 'the demo wants to see it fail',
    });
  } catch (error) {
    // The answer to the same wish may have been lost on its way.
    if (!(error instanceof Refused)) throw error;
    const seen = await client.get<RolloutDetails>(`/v1/rollouts/${id}`);
    if (seen.stage !== 'canary') throw error;
    return seen;
  }
}

async function goOn(application: Application, count: number): Promise<void> {
  const end = application.answers.length + count;
  await application.run(() => application.answers.length >= end, count * 2);
}
