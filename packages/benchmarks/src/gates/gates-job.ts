/** Some runs of a scenario or a mutant, named by its place in its list. */
export interface GatesJob {
  kind: 'null' | 'power' | 'mutant';
  index: number;
  /** Seeds, from the first on. */
  from: number;
  runs: number;
}

/** After how many units each run fired; a mutant: 1 where it was wrong. ∞: never. */
export type GatesAnswer = number[];
