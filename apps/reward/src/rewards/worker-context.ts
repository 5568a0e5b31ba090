import type { Database, Transaction } from '@rlaas/database';
import {
  type SpecificationCache,
  type SpecificationKey,
  type UsedSpecification,
  nameOf,
} from '../specifications/specification-cache.ts';
import { findDefinitions } from '../store/reward-specs.ts';
import type { Computed } from './compute.ts';

/** What is told of the work, for metrics. */
export interface RewardObserver {
  /** A reward closed. Times in milliseconds. */
  closed: (reward: {
    status: Computed['status'];
    reason: string | null;
    clipped: boolean;
    /** From the decision to the closing. */
    ageMs: number;
    /** From the deadline to the closing. */
    lagMs: number;
  }) => void;
  /** Events that came after the reward of their decision had closed. */
  late: (events: number) => void;
  /** Rewards that are shown before their deadline. */
  provisional: (rewards: number) => void;
  /** Rewards whose deadline was put off, since no event could come in. */
  pushed: (rewards: number) => void;
}

/** What every part of the worker has. */
export interface WorkerContext {
  database: Database;
  specifications: SpecificationCache;
  observe: RewardObserver;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Specifications by their keys, read in the transaction where they are not known yet. */
export async function findSpecifications(
  { specifications }: WorkerContext,
  tx: Transaction,
  keys: readonly SpecificationKey[],
): Promise<(key: SpecificationKey) => UsedSpecification> {
  const found = await specifications.find(keys, (missing) => findDefinitions(tx, missing));
  return (key) => {
    const used = found.get(nameOf(key));
    if (!used) throw new Error(`the reward specification ${nameOf(key)} was not asked for`);
    return used;
  };
}

/** Tells of rewards that closed, once they are committed. */
export function tellClosed(
  { observe }: WorkerContext,
  closed: readonly { occurredAt: number; deadline: number; computed: Computed }[],
  now: number,
): void {
  for (const { occurredAt, deadline, computed } of closed) {
    observe.closed({
      status: computed.status,
      reason: computed.reason,
      clipped: computed.components.unclipped !== undefined,
      ageMs: now - occurredAt,
      lagMs: now - deadline,
    });
  }
}
