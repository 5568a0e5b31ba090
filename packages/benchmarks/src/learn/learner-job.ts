import type { VersionConfiguration } from '@rlaas/schemas';
import type { DriftRow } from './drift.ts';

/** One learner on one data set. */
export interface LearnerTask {
  /** Folder of the data sets. */
  data: string;
  dataset: string;
  /** Orders of its rows. */
  shuffles: readonly (readonly number[])[];
  configuration: VersionConfiguration;
}

/** What a learner process is asked. */
export type LearnerJob =
  | ({ kind: 'losses' } & LearnerTask)
  | ({ kind: 'times' } & LearnerTask)
  | { kind: 'drift'; lengths: readonly number[]; repetitions: number };

/** Time of one pass. */
export interface PassTime {
  /** With the reading of the features. */
  wholeSeconds: number;
  /** Deciding and learning alone, of features that were read before. */
  workSeconds: number;
}

/** Of each shuffle the share of wrong actions, or the time it took; or the rows of the table of drift. */
export type LearnerAnswer = number[] | PassTime[] | DriftRow[];
