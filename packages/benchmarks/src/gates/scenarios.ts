import type { GateEvents } from '@rlaas/learning';
import type { World } from './world.ts';
import {
  canary,
  drawnEpisodes,
  drifting,
  highRewards,
  learningCandidate,
  plain,
  redrawnEpisodes,
  stickyEpisodes,
  twoContexts,
  worseByMargin,
} from './worlds.ts';

/** Which test of a gate is watched. */
type Watched = keyof Pick<GateEvents, 'promote' | 'improve' | 'rollback' | 'change'>;

/** A world in which a test is watched. */
export interface Scenario {
  name: string;
  world: World;
  watched: Watched;
  /** Units of a run; one that has not fired until then never did. */
  units: number;
  /** Units between two looks. */
  each: number;
}

const NULL = { units: 5_000, each: 1 };

/** Worlds in which nothing must be shown more often than the error probability allows. */
export const NULLS: readonly Scenario[] = [
  { name: 'no difference', world: plain({ epsilon: 0.2, base: 0.1, lift: 0 }), watched: 'improve', ...NULL },
  { name: 'worse by the margin', world: worseByMargin(), watched: 'promote', ...NULL },
  {
    name: 'rare rewards, 0.2 %',
    world: plain({ epsilon: 0.2, base: 0.002, lift: 0 }),
    watched: 'improve',
    ...NULL,
  },
  {
    name: 'rare rewards, 1 %',
    world: plain({ epsilon: 0.1, base: 0.01, lift: 0 }),
    watched: 'improve',
    ...NULL,
  },
  { name: 'rewards −1 and 1, mean .7', world: highRewards(), watched: 'improve', ...NULL },
  { name: 'drifting, logging changes', world: drifting(), watched: 'improve', ...NULL },
  { name: 'learning candidate', world: learningCandidate(), watched: 'improve', ...NULL },
  { name: 'sticky episodes', world: stickyEpisodes(), watched: 'improve', ...NULL },
  { name: 'drawn episodes', world: drawnEpisodes(), watched: 'improve', ...NULL },
  { name: 'episodes drawn by two gateways', world: redrawnEpisodes(0), watched: 'improve', ...NULL },
  { name: 'the same in canary', world: redrawnEpisodes(0.05), watched: 'improve', ...NULL },
  { name: 'two contexts', world: twoContexts(), watched: 'promote', ...NULL },
  {
    name: 'canary, rollback at its margin',
    world: canary({ share: 0.25, ofIncumbent: 0.3, ofCandidate: 0.3 - 0.02 / 0.8, ofOthers: 0.3 }),
    watched: 'rollback',
    ...NULL,
  },
];

/** A cell of the power table, with what the design's simulation had. */
export interface PowerCell extends Scenario {
  /** Median units until it fires, as simulated before. */
  expected: number;
  /** Median of the best single bet that knows the lift. */
  limit?: number;
  /** Units that are subtracted: those before the change. */
  from?: number;
}

const POWER = { units: 60_000, each: 20 };
const promotion = (epsilon: number, lift: number, expected: number, limit?: number): PowerCell => ({
  name: `promote a lift of ${lift}, ε ${epsilon}`,
  world: plain({ epsilon, base: 0.1, lift }),
  watched: 'improve',
  expected,
  ...(limit !== undefined && { limit }),
  ...POWER,
});
const notWorse = (share: number, expected: number, agreement = 0): PowerCell => ({
  name: `not worse, canary ${share}${agreement > 0 ? `, ${agreement * 100} % alike` : ''}`,
  world: canary({ share, ofIncumbent: 0.1, ofCandidate: 0.1, ofOthers: 0.1, agreement }),
  watched: 'promote',
  expected,
  ...POWER,
});
/** Its best action has what makes its value, with the explored 16 %, .05. */
const worse = { ofIncumbent: 0.1, ofCandidate: (0.05 - 0.16 * 0.1) / 0.84, ofOthers: 0.1 };
const rollback = (share: number, expected: number): PowerCell => ({
  name: `roll .10 → .05 back, canary ${share}`,
  world: canary({ share, ...worse, rollbackMargin: 0 }),
  watched: 'rollback',
  expected,
  ...POWER,
});

export const POWERS: readonly PowerCell[] = [
  promotion(0.1, 0.05, 12_560, 8_870),
  promotion(0.2, 0.05, 6_480, 4_910),
  promotion(0.5, 0.05, 2_940, 2_530),
  promotion(0.2, 0.02, 36_530, 28_140),
  promotion(0.5, 0.02, 16_000, 12_590),
  promotion(1, 0.02, 9_310, 7_220),
  rollback(0.05, 2_250),
  rollback(0.25, 1_020),
  rollback(0.5, 680),
  {
    name: 'detect .10 → .05, canary 0.25',
    world: canary({ share: 0.25, ...worse, rollbackMargin: 0.01 }),
    watched: 'change',
    expected: 3_500,
    ...POWER,
  },
  {
    name: 'the same after 20,000 good units',
    world: canary({ share: 0.25, ...worse, rollbackMargin: 0.01, goodUnits: 20_000 }),
    watched: 'change',
    expected: 3_500,
    from: 20_000,
    ...POWER,
  },
  notWorse(0.01, 15_210),
  notWorse(0.05, 10_910),
  notWorse(0.25, 4_550),
  notWorse(0.5, 4_000),
  notWorse(0.01, 2_190, 0.8),
  notWorse(0.05, 1_440, 0.8),
  notWorse(0.25, 350, 0.8),
  notWorse(0.5, 300, 0.8),
];
