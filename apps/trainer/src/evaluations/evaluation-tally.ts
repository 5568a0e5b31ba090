import { EstimatorSums, RobustInterval } from '@rlaas/learning';
import type { LeftOutReason } from './logged-choice.ts';
import type { StoredTally } from './stored-tally.ts';
import type { ChunkEstimate } from './thread-messages.ts';

/** What the chunks so far say of the target. Chunks are added in the order of their decisions. */
export class EvaluationTally {
  readonly sums: EstimatorSums;
  readonly interval: RobustInterval;
  readonly leftOut: Record<LeftOutReason, number>;
  imported: number;
  partial: number;

  constructor(stored?: StoredTally) {
    this.sums = stored ? EstimatorSums.from(stored.sums) : new EstimatorSums();
    this.interval = new RobustInterval(stored?.interval);
    this.leftOut = {
      not_explored: 0,
      sticky_repeat: 0,
      repeated_draw: 0,
      no_propensity: 0,
      target_undefined: 0,
      unreadable: 0,
      ...stored?.leftOut,
    };
    this.imported = stored?.imported ?? 0;
    this.partial = stored?.partial ?? 0;
  }

  /** @param missing how many decisions of the chunk were gone */
  add({ sums, weighted, leftOut, imported, partial }: ChunkEstimate, missing: number): void {
    this.sums.merge(EstimatorSums.from(sums));
    for (let at = 0; at < weighted.length; at += 2) {
      this.interval.add(weighted[at] ?? 0, weighted[at + 1] ?? 0);
    }
    for (const [reason, count] of Object.entries(leftOut)) this.leftOut[reason as LeftOutReason] += count;
    this.leftOut.unreadable += missing;
    this.imported += imported;
    this.partial += partial;
  }

  toJSON(): StoredTally {
    const { sums, interval, leftOut, imported, partial } = this;
    return { sums: sums.toJSON(), interval: interval.toJSON(), leftOut: { ...leftOut }, imported, partial };
  }
}
