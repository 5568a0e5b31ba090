import { DATASETS } from './dataset.ts';
import { GRID, type VowpalWabbitCommand } from './vowpalwabbit-commands.ts';

/** How much is tried. */
export interface LearnSize {
  datasets: readonly string[];
  /** Passes over each data set, each in another order. At least two, or there is no standard error. */
  shuffles: number;
  /** Commands among which VW's best is looked for. */
  grid: readonly VowpalWabbitCommand[];
  /** Of the timed passes. */
  repetitions: number;
  /** Data sets on which passes are timed: many actions and few, numbers and words. */
  timed: readonly string[];
  /** Rewards before the change, in the table of drift; and repetitions of each. */
  drift: readonly number[];
  driftRepetitions: number;
}

export const FULL: LearnSize = {
  datasets: DATASETS,
  shuffles: 20,
  grid: GRID,
  repetitions: 5,
  timed: ['digits', 'mushroom'],
  drift: [1_000, 10_000, 100_000],
  driftRepetitions: 11,
};

export const QUICK: LearnSize = {
  datasets: DATASETS.slice(0, 5),
  shuffles: 4,
  grid: GRID.filter((_, index) => index % 10 === 0),
  repetitions: 2,
  timed: ['digits'],
  drift: [1_000, 10_000],
  driftRepetitions: 3,
};
