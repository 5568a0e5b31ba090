import { Gate, type GateUnit, Wealth, emptyGateState, oddsOfDecision } from '@rlaas/learning';
import { drawn, greedy, randomOf } from './random.ts';
import type { World } from './world.ts';
import { canary, plain, redrawnEpisodes, twoContexts } from './worlds.ts';

/** A wrong way to test, in a world in which it shows: whether a run shows what is not so. */
export interface Mutant {
  name: string;
  /** Whether it was wrong in this run. */
  isWrong: (seed: number) => boolean;
}

const LOG_THRESHOLD = Math.log(20);

/** Looks at a normal 95 % interval of the difference again and again. */
const polledNormal: Mutant = {
  name: 'polled normal interval',
  isWrong(seed) {
    const { next } = plain({ epsilon: 0.2, base: 0.5, lift: 0 })(randomOf(seed));
    let [n, sum, squares] = [0, 0, 0];
    for (let unit = 1; unit <= 20_000; unit += 1) {
      const { odds, reward } = next();
      const x = odds.difference * reward;
      n += 1;
      sum += x;
      squares += x * x;
      if (unit < 100 || unit % 20 !== 0) continue;
      const mean = sum / n;
      const error = Math.sqrt((squares / n - mean * mean) / n);
      if (Math.abs(mean) > 1.96 * error) return true;
    }
    return false;
  },
};

/** Bets on each decision of a sticky episode, though draw and reward are those of the episode. */
const perDecision: Mutant = {
  name: 'per-decision bets, shared sticky reward',
  isWrong(seed) {
    const { terms, earlier, next } = plain({ epsilon: 0.2, base: 0.2, lift: 0 })(randomOf(seed));
    const gate = new Gate(terms, emptyGateState(earlier));
    for (let episode = 0; episode < 2_000; episode += 1) {
      const unit = next();
      for (let decision = 0; decision < 5; decision += 1) gate.add(unit);
      if (gate.look().improve) return true;
    }
    return false;
  },
};

/** Takes rewards in as soon as they are complete: those of the candidate's action come early, all others late. */
const releasedEarly: Mutant = {
  name: 'release by early_when',
  isWrong(seed) {
    const random = randomOf(seed);
    const incumbent = greedy(5, 0, 0.5);
    const candidate = greedy(5, 1, 0);
    const terms = { ...plainTerms(), centre: 0.3, deviation: 0.46 };
    const gate = new Gate(terms, emptyGateState());
    const late: GateUnit[] = [];
    for (let unit = 0; unit < 5_000; unit += 1) {
      const chosen = drawn(incumbent, random);
      const reward = random() < 0.3 ? 1 : 0;
      const odds = oddsOfDecision({ candidate, incumbent, chosen }, 0);
      const made: GateUnit = { odds, assigned: undefined, hasTraffic: false, reward };
      if (chosen === 1 && reward === 1) gate.add(made);
      else late.push(made);
      // The window: 2,000 units.
      if (unit >= 2_000) {
        const closed = late.shift();
        if (closed) gate.add(closed);
      }
      if (gate.look().improve) return true;
    }
    return false;
  },
};

/** Scores the history again by what was learned from it. */
const rescored: Mutant = {
  name: 're-scored log',
  isWrong(seed) {
    const random = randomOf(seed);
    const contexts = 20;
    const incumbent = greedy(5, 0, 0.5);
    const history = Array.from({ length: 4_000 }, () => ({
      context: Math.floor(random() * contexts),
      chosen: drawn(incumbent, random),
      reward: random() < 0.3 ? 1 : 0,
    }));
    const means = Array.from({ length: contexts }, () => Array.from({ length: 5 }, () => ({ n: 0, sum: 0 })));
    for (const { context, chosen, reward } of history) {
      const cell = means[context]?.[chosen];
      if (!cell) continue;
      cell.n += 1;
      cell.sum += reward;
    }
    const best = means.map((row) => {
      const of = row.map(({ n, sum }) => sum / Math.max(1, n));
      return of.indexOf(Math.max(...of));
    });
    const terms = { ...plainTerms(), centre: 0.3, deviation: 0.46 };
    const gate = new Gate(terms, emptyGateState());
    for (const { context, chosen, reward } of history) {
      const odds = oddsOfDecision({ candidate: greedy(5, best[context] ?? 0, 0), incumbent, chosen }, 0);
      gate.add({ odds, assigned: undefined, hasTraffic: false, reward });
    }
    return gate.look().improve;
  },
};

/** Rolls back with the sign of the margin turned: a candidate that is as good is "worse". */
const turnedMargin: Mutant = {
  name: 'rollback, sign of the margin turned',
  isWrong(seed) {
    const world = canary({ share: 0.25, ofIncumbent: 0.3, ofCandidate: 0.3, ofOthers: 0.3 });
    const { terms, earlier, next } = world(randomOf(seed));
    const gate = new Gate({ ...terms, rollbackMargin: -0.02 }, emptyGateState(earlier));
    for (let unit = 1; unit <= 20_000; unit += 1) {
      gate.add(next());
      if (gate.look().rollback) return true;
    }
    return false;
  },
};

/** Lowers bets where the bound of a unit is wide, which weighs contexts. */
const loweredByContext = (name: string, world: World): Mutant => ({
  name: `bets lowered by context, ${name}`,
  isWrong(seed) {
    const { terms, earlier, next } = world(randomOf(seed));
    const { centre, deviation, margin } = terms;
    const wealth = new Wealth();
    const factors = new Float64Array(4);
    for (let unit = 1; unit <= 20_000; unit += 1) {
      const { odds, reward } = next();
      const bound = Math.max(odds.high * centre, odds.low * (1 - centre)) - margin;
      for (const [index, difference] of [0.03, 0.06, 0.12, 0.24].entries()) {
        const variance = deviation * deviation;
        const wanted =
          (difference * deviation) / (variance * earlier.usual.spread + difference * difference * variance);
        const size = Math.min(wanted, 0.5 / Math.max(bound, 0.5));
        factors[index] = 1 + size * (odds.difference * (reward - centre) + margin);
      }
      wealth.add(factors);
      if (wealth.log >= LOG_THRESHOLD) return true;
    }
    return false;
  },
});

/** Counts the draws of two gateways as two, though both followed from the number of the episode. */
const drawnTwice: Mutant = {
  name: 'draws of two gateways, one number',
  isWrong(seed) {
    const { terms, earlier, next } = redrawnEpisodes(0, 'twice')(randomOf(seed));
    const gate = new Gate(terms, emptyGateState(earlier));
    for (let unit = 1; unit <= 5_000; unit += 1) {
      gate.add(next());
      // The game itself: what is left out would be seen to depend on the action, which it does not, and hold the gate.
      if (gate.improveLog >= LOG_THRESHOLD) return true;
    }
    return false;
  },
};

/** Alike in 80 % of the contexts, and in the others so much worse that it is worse by the margin on average. */
const ALIKE = canary({
  share: 0.5,
  ofIncumbent: 0.3,
  ofCandidate: 0.3 - 0.1 / 0.8,
  ofOthers: 0.3,
  agreement: 0.8,
});

export const MUTANTS: readonly Mutant[] = [
  polledNormal,
  perDecision,
  releasedEarly,
  rescored,
  turnedMargin,
  drawnTwice,
  loweredByContext('two contexts', twoContexts()),
  loweredByContext('80 % alike', ALIKE),
];

function plainTerms() {
  return { margin: 0.02, rollbackMargin: 0.02, alpha: 0.05, rollbackAlpha: 0.05, alarm: 1e6, guardrails: {} };
}
