import type { VersionConfiguration } from '@rlaas/schemas';
import { epsilonGreedy, softmax, squarecb } from '../exploration/score-explorers.ts';
import type { Learner } from './learner.ts';
import type { PolicyExplorer } from './policy-explorer.ts';
import type { PolicyModel } from './policy-state.ts';
import { type Allowed, type Choice } from '../exploration/choice.ts';

type ScoreExplorerKind = Extract<
  VersionConfiguration['explorer'],
  { kind: 'epsilon_greedy' | 'softmax' | 'squarecb' }
>;

/** One linear model, whose scores alone say how to explore. */
export function scoreExplorer(explorer: ScoreExplorerKind, learner: Learner): PolicyExplorer {
  function explore({ counters }: PolicyModel, allowed: Allowed, choice: Choice): void {
    if (explorer.kind === 'epsilon_greedy') epsilonGreedy(choice, allowed, explorer.epsilon);
    else if (explorer.kind === 'softmax') softmax(choice, allowed, explorer.lambda);
    else squarecb(choice, allowed, explorer.gamma_scale * Math.sqrt(counters.decisions));
  }
  return {
    decide(model, features, allowed, choice) {
      const [linear] = model.models;
      if (linear) learner.score(linear, features, choice.scores);
      explore(model, allowed, choice);
    },
    explore,
    learn(state, logged) {
      const rewards = learner.estimate(state.rewardModel, logged);
      const [linear] = state.models;
      if (linear) learner.learn(linear, logged, state.counters, rewards);
    },
  };
}
