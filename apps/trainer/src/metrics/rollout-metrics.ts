import { type TransitionCause, transitionCauses } from '@rlaas/schemas';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { OpenFigures } from '../rollouts/open-figures.ts';

/** What is told of rollouts. */
export interface RolloutMetrics {
  moved: (cause: TransitionCause) => void;
  failed: () => void;
  /** All that go on, how many, and the figures of some of them. */
  seen: (open: number, shown: readonly OpenFigures[]) => void;
}

const OF_ROLLOUT = ['tenant', 'policy', 'version'] as const;

/**
 * The metrics of rollouts. Those that go on have labels of their own, as long as they are few; whoever calls `seen` sees
 * to that.
 */
export function createRolloutMetrics(registry: Registry): RolloutMetrics {
  const registers = [registry];
  const name = (rest: string): string => `rlaas_trainer_rollout${rest}`;
  const moves = new Counter({
    name: name('_moves_total'),
    help: 'Steps that this trainer made by itself, by what moved the rollout.',
    labelNames: ['cause'],
    registers,
  });
  for (const cause of transitionCauses) moves.inc({ cause }, 0);
  const failures = new Counter({
    name: name('_failures_total'),
    help: 'Looks at a rollout that failed; it is tried again.',
    registers,
  });
  const gauge = <Label extends string>(
    rest: string,
    help: string,
    labels: readonly Label[],
  ): Gauge<(typeof OF_ROLLOUT)[number] | Label> =>
    new Gauge({ name: name(rest), help, labelNames: [...OF_ROLLOUT, ...labels], registers });
  const open = new Gauge({ name: name('s_open'), help: 'Rollouts that go on.', registers });
  const share = gauge('_share', 'Share of the decisions that the version makes, by its stage.', ['stage']);
  const units = gauge('_units', 'Units that were counted: with a reward, or left out without one.', [
    'reward',
  ]);
  const uncounted = gauge('_uncounted', 'Decisions or episodes that cannot count, by reason.', ['reason']);
  const evidence = gauge(
    '_evidence',
    'How far a test has come: logarithm of what it is worth, as a share of that at which it shows something. 1: shown.',
    ['test'],
  );
  const estimate = gauge(
    '_estimate',
    'Mean reward of both versions, and its bounds: a 95 % confidence sequence, which holds at all looks together.',
    ['of', 'bound'],
  );
  const waiting = gauge('_waits', 'What the rollout waits for: 1.', ['reason']);
  const behind = gauge(
    '_behind_seconds',
    'For how long the first decision that was not looked at could have been, its window having passed.',
    [],
  );
  return {
    moved: (cause) => moves.inc({ cause }),
    failed: () => failures.inc(),
    seen(all, shown) {
      open.set(all);
      for (const one of [share, units, uncounted, evidence, estimate, waiting, behind]) one.reset();
      for (const rollout of shown) {
        const { tenant, policy, version } = rollout;
        const labels = { tenant, policy, version };
        share.set({ ...labels, stage: rollout.stage }, rollout.share);
        units.set({ ...labels, reward: 'known' }, rollout.units - rollout.leftOut);
        units.set({ ...labels, reward: 'none' }, rollout.leftOut);
        for (const [reason, count] of Object.entries(rollout.uncounted)) {
          uncounted.set({ ...labels, reason }, count);
        }
        for (const [test, value] of Object.entries(rollout.evidence))
          evidence.set({ ...labels, test }, value);
        for (const { of, mean, low, high } of rollout.estimates) {
          estimate.set({ ...labels, of, bound: 'mean' }, mean);
          estimate.set({ ...labels, of, bound: 'low' }, low);
          estimate.set({ ...labels, of, bound: 'high' }, high);
        }
        for (const reason of rollout.waitingFor) waiting.set({ ...labels, reason }, 1);
        behind.set(labels, rollout.behindSeconds);
      }
    },
  };
}
