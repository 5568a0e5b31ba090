/** What both sides of the bench estimate from: arrays of doubles in files of a folder. */
export interface OpeJob {
  folder: string;
  rows: number;
  actions: number;
}

/** How long it took, and what came of it. */
export interface OpeAnswer {
  seconds: number;
  /** Most bytes that the process has held, resident. */
  peak: number;
  values: Record<string, number>;
}
