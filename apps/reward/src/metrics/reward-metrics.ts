import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RewardObserver } from '../rewards/worker-context.ts';

/** What waits, as it was last looked at. */
export interface RewardBacklog {
  /** Rewards whose deadline has passed; at most 100,000 are counted. */
  due: number;
  /** How long the oldest of them is over its deadline. */
  oldestDueSeconds: number;
  pending: number;
}

/** The metrics of rewards. */
export function createRewardMetrics(
  registry: Registry,
): RewardObserver & { backlog: (found: RewardBacklog) => void } {
  const registers = [registry];
  const closed = new Counter({
    name: 'rlaas_reward_closed_total',
    help: 'Rewards that closed, by status; `reason` says why there is none, and the kind of an error.',
    labelNames: ['status', 'reason'],
    registers,
  });
  for (const status of ['final', 'defaulted'] as const) closed.inc({ status, reason: '' }, 0);
  for (const reason of ['no_events', 'superseded', 'not_activated'])
    closed.inc({ status: 'inactive', reason }, 0);
  closed.inc({ status: 'error', reason: 'expression_failed' }, 0);
  const clipped = new Counter({
    name: 'rlaas_reward_clipped_total',
    help: 'Rewards that were clipped to their range.',
    registers,
  });
  const age = new Histogram({
    name: 'rlaas_reward_time_to_final_seconds',
    help: 'From a decision to the closing of its reward.',
    buckets: [1, 10, 60, 600, 3_600, 21_600, 86_400, 259_200, 604_800, 2_592_000],
    registers,
  });
  const lag = new Histogram({
    name: 'rlaas_reward_close_lag_seconds',
    help: 'From the deadline of a reward to its closing.',
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 600, 3_600],
    registers,
  });
  const events = new Counter({
    name: 'rlaas_reward_late_events_total',
    help: 'Events that came after the reward of their decision had closed.',
    registers,
  });
  const provisional = new Counter({
    name: 'rlaas_reward_provisional_total',
    help: 'Times that a provisional reward was shown or changed.',
    registers,
  });
  const pushed = new Counter({
    name: 'rlaas_reward_deadlines_pushed_total',
    help: 'Deadlines that were put off, since no event could come in.',
    registers,
  });
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `rlaas_reward_${name}`, help, registers });
  const due = gauge(
    'due',
    'Rewards whose deadline has passed and that are not closed; at most 100,000 are counted.',
  );
  const oldest = gauge('oldest_due_seconds', 'How long the oldest reward is over its deadline.');
  const pending = gauge('pending', 'Rewards that wait for their deadline; at most 100,000 are counted.');
  return {
    closed(reward) {
      closed.inc({ status: reward.status, reason: reward.reason ?? '' });
      if (reward.clipped) clipped.inc();
      age.observe(Math.max(0, reward.ageMs) / 1_000);
      lag.observe(Math.max(0, reward.lagMs) / 1_000);
    },
    late: (late) => events.inc(late),
    provisional: (rewards) => provisional.inc(rewards),
    pushed: (rewards) => pushed.inc(rewards),
    backlog(found) {
      due.set(found.due);
      oldest.set(found.oldestDueSeconds);
      pending.set(found.pending);
    },
  };
}
