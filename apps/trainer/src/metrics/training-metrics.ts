import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { TrainingBacklog } from '../store/training-backlog.ts';
import type { TrainingObserver } from '../training/training-observer.ts';

/** The metrics of training. Policies are no labels: their number has no bound. */
export function createTrainingMetrics(
  registry: Registry,
): TrainingObserver & { backlog: (found: TrainingBacklog) => void } {
  const registers = [registry];
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `rlaas_trainer_${name}`, help, registers });
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `rlaas_trainer_${name}`, help, registers });
  const learned = new Counter({
    name: 'rlaas_trainer_decisions_learned_total',
    help: 'Decisions that a version learned from, by the value that it learned: final or provisional.',
    labelNames: ['value'],
    registers,
  });
  for (const value of ['final', 'provisional'] as const) learned.inc({ value }, 0);
  const refused = new Counter({
    name: 'rlaas_trainer_decisions_refused_total',
    help: 'Decisions that a version could not learn from, by reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of ['reward_not_finite', 'decision_not_usable'] as const) refused.inc({ reason }, 0);
  const lag = new Histogram({
    name: 'rlaas_trainer_learn_lag_seconds',
    help: 'From when a reward could be learned from until a version had learned it.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 600, 3_600, 86_400],
    registers,
  });
  const replayed = counter(
    'decisions_replayed_total',
    'Decisions that were learned again from the training log, after a start or when another trainer had learned.',
  );
  const failures = counter('failures_total', 'Rounds of a version that failed; it is tried again.');
  const written = counter('checkpoints_written_total', 'Checkpoints that were registered.');
  const bytes = counter('checkpoint_bytes_total', 'Bytes of the checkpoints that were registered.');
  const damaged = counter(
    'checkpoints_refused_total',
    'Times that the newest checkpoint of a version could not be used and all was learned anew.',
  );
  const removed = counter('checkpoints_removed_total', 'Checkpoints that are kept no longer.');
  const objects = counter('checkpoint_objects_removed_total', 'Objects of checkpoints that were removed.');
  const held = gauge('versions_held', 'Versions that this trainer learns for.');
  const waiting = gauge(
    'rewards_waiting',
    'Of the 2,000 rewards of each version that closed last, those that it has not learned from, over all versions.',
  );
  const oldest = gauge('oldest_waiting_seconds', 'For how long the oldest of them could be learned from.');
  const kept = gauge('checkpoints', 'Checkpoints that are registered.');
  const age = gauge(
    'checkpoint_age_seconds',
    'Age of the oldest newest checkpoint among versions that learned something since.',
  );
  return {
    learned(decision) {
      learned.inc({ value: decision.value });
      lag.observe(Math.max(0, decision.lagMs) / 1_000);
    },
    replayed: (decisions) => replayed.inc(decisions),
    refused: (reason) => refused.inc({ reason }),
    checkpointWritten(checkpoint) {
      written.inc();
      bytes.inc(checkpoint.bytes);
    },
    checkpointRefused: () => damaged.inc(),
    checkpointsRemoved(gone) {
      removed.inc(gone.checkpoints);
      objects.inc(gone.objects);
    },
    failed: () => failures.inc(),
    holds: (versions) => held.set(versions),
    backlog(found) {
      waiting.set(found.waiting);
      oldest.set(found.oldestWaitingSeconds);
      kept.set(found.checkpoints);
      age.set(found.checkpointAgeSeconds);
    },
  };
}
