import type { LiveSize } from './digits-policy.ts';

/** Exploration sets the speed: with less of it, more decisions are needed to learn and to prove anything. */
export const FULL: LiveSize = { exploration: 0.1, steps: [0.1, 0.5], leastRewards: 200 };
export const QUICK: LiveSize = { exploration: 0.5, steps: [0.5], leastRewards: 50 };
