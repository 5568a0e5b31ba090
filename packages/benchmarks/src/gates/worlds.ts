import { type Draw, type GateTerms, oddsOfDecision, oddsOfDrawnEpisode, oddsOfUnit } from '@rlaas/learning';
import { drawn, greedy } from './random.ts';
import { EARLIER, type RewardedUnit, type World, termsAfter } from './world.ts';

const ACTIONS = 5;

function shadow(draw: Draw, reward: number): RewardedUnit {
  return { odds: oddsOfDecision(draw, 0), assigned: undefined, hasTraffic: true, reward };
}

function worldOf(next: () => RewardedUnit, change?: Partial<GateTerms>) {
  const earlier = Array.from({ length: EARLIER }, next);
  return { ...termsAfter(earlier, change), next };
}

/** The world of the power table: no contexts, ε-greedy on action 0; the candidate always plays action 1. */
export function plain(options: { epsilon: number; base: number; lift: number }): World {
  const { epsilon, base, lift } = options;
  const incumbent = greedy(ACTIONS, 0, epsilon);
  const candidate = greedy(ACTIONS, 1, 0);
  return (random) =>
    worldOf(() => {
      const chosen = drawn(incumbent, random);
      const reward = random() < base + (chosen === 1 ? lift : 0) ? 1 : 0;
      return shadow({ candidate, incumbent, chosen }, reward);
    });
}

/** The candidate is worse by exactly the margin of 0.02. */
export function worseByMargin(): World {
  const epsilon = 0.2;
  // Δ = lift·(1 − ε/5)
  return plain({ epsilon, base: 0.3, lift: -0.02 / (1 - epsilon / ACTIONS) });
}

/** Rewards of −1 and 1 with a mean of .7, rescaled: .85 of them are 1. */
export function highRewards(): World {
  return plain({ epsilon: 0.2, base: 0.85, lift: 0 });
}

/** Rewards that drift, and logging that changes with what came before. */
export function drifting(): World {
  const candidate = greedy(ACTIONS, 1, 0);
  return (random) => {
    let [count, wins] = [0, 0];
    return worldOf(() => {
      count += 1;
      const incumbent = greedy(ACTIONS, wins % ACTIONS, 0.2 + 0.3 * (wins % 2));
      const chosen = drawn(incumbent, random);
      const reward = random() < 0.4 + 0.3 * Math.sin(count / 700) ? 1 : 0;
      wins += reward;
      return shadow({ candidate, incumbent, chosen }, reward);
    });
  };
}

/** A candidate that learns from the very rewards that it is tested with; no action is better than another. */
export function learningCandidate(): World {
  const incumbent = greedy(ACTIONS, 0, 0.5);
  return (random) => {
    const sums = Array.from({ length: ACTIONS }, () => ({ n: 1, sum: 0.2 }));
    return worldOf(() => {
      let best = 0;
      for (const [action, { n, sum }] of sums.entries()) {
        const of = sums[best];
        if (of && sum / n > of.sum / of.n) best = action;
      }
      const candidate = greedy(ACTIONS, best, 0.1);
      const chosen = drawn(incumbent, random);
      const reward = random() < 0.2 ? 1 : 0;
      const learned = sums[chosen];
      if (learned) {
        learned.n += 1;
        learned.sum += reward;
      }
      return shadow({ candidate, incumbent, chosen }, reward);
    });
  };
}

/** Sticky episodes: one draw that several decisions repeat, and one reward for all of them. */
export function stickyEpisodes(): World {
  return plain({ epsilon: 0.2, base: 0.2, lift: 0 });
}

/** Episodes of three decisions, drawn one by one, with one reward; weights are cut at 20. */
export function drawnEpisodes(): World {
  const incumbent = greedy(3, 0, 0.6);
  const candidate = greedy(3, 1, 0.6);
  return (random) =>
    worldOf(() => {
      const draws = Array.from({ length: 3 }, () => ({
        candidate,
        incumbent,
        chosen: drawn(incumbent, random),
      }));
      const reward = random() < 0.3 ? 1 : 0;
      return {
        odds: oddsOfDrawnEpisode(draws, 20, 'incumbent'),
        assigned: undefined,
        hasTraffic: true,
        reward,
      };
    });
}

/**
 * Sticky episodes over two gateways that know nothing of each other: both draw with the number of the episode, the
 * second one a checkpoint later, and all of it has one reward.
 * @param counted `twice`: as if the second draw had a number of its own, which is wrong
 */
export function redrawnEpisodes(share: number, counted: 'once' | 'twice' = 'once'): World {
  const [incumbent, later] = [greedy(3, 0, 0.4), greedy(3, 0, 0.6)];
  const [candidate, laterCandidate] = [greedy(3, 1, 0.4), greedy(3, 1, 0.6)];
  return (random) =>
    worldOf(() => {
      const isCandidate = random() < share;
      const number = random();
      const chosen = (of: readonly number[]): number => drawn(of, () => number);
      const seed = counted === 'once' ? 'episode' : undefined;
      const draws = [
        { candidate, incumbent, chosen: chosen(isCandidate ? candidate : incumbent), seed },
        {
          candidate: laterCandidate,
          incumbent: later,
          chosen: chosen(isCandidate ? laterCandidate : later),
          seed,
        },
      ];
      return {
        odds: oddsOfUnit(share > 0 || counted === 'twice' ? 'episode' : 'decision', draws, share, 50),
        assigned: share > 0 ? { isCandidate, share } : undefined,
        hasTraffic: share > 0,
        reward: random() < 0.5 ? 1 : 0,
      };
    });
}

/** Two contexts: much worse where bounds are wide, better where they are narrow, worse by the margin of 0.1 on average. */
export function twoContexts(): World {
  return (random) =>
    worldOf(
      () => {
        const isWide = random() < 0.5;
        const candidate = isWide ? [0.2, 0.8] : [0.1, 0.9];
        const incumbent = isWide ? [0.99, 0.01] : [0.9, 0.1];
        const chosen = drawn(incumbent, random);
        const mean = isWide ? (chosen === 0 ? 0.9 : 0.15) : chosen === 0 ? 0.2 : 0.690_625;
        return shadow({ candidate, incumbent, chosen }, random() < mean ? 1 : 0);
      },
      { margin: 0.1 },
    );
}

export interface CanaryOptions {
  share: number;
  /** Mean rewards of the action that is each version's best. */
  ofIncumbent: number;
  ofCandidate: number;
  /** Of all other actions. */
  ofOthers: number;
  /** Share of the ten contexts in which both have the same best action. */
  agreement?: number;
  rollbackMargin?: number;
  /** Units in which the candidate is as good as the incumbent, before it becomes what it is. */
  goodUnits?: number;
}

/** A canary: ten contexts, both versions explore 0.2, and the traffic is shared. */
export function canary(options: CanaryOptions): World {
  const { share, ofIncumbent, ofCandidate, ofOthers, agreement = 0, goodUnits = 0 } = options;
  return (random) => {
    let served = -EARLIER;
    return worldOf(
      () => {
        served += 1;
        const context = Math.floor(random() * 10);
        const incumbent = greedy(ACTIONS, 0, 0.2);
        const agrees = context < agreement * 10;
        const candidate = agrees ? incumbent : greedy(ACTIONS, 1, 0.2);
        const isCandidate = random() < share;
        const chosen = drawn(isCandidate ? candidate : incumbent, random);
        const own = served > 0 && served <= goodUnits ? ofIncumbent : ofCandidate;
        const mean = chosen === 0 ? ofIncumbent : chosen === 1 && !agrees ? own : ofOthers;
        return {
          odds: oddsOfDecision({ candidate, incumbent, chosen }, share),
          assigned: { isCandidate, share },
          hasTraffic: true,
          reward: random() < mean ? 1 : 0,
        };
      },
      { rollbackMargin: options.rollbackMargin ?? 0.02 },
    );
  };
}
