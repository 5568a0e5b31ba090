import type { Releases } from './releases.ts';
import type { Findings } from './report/report.ts';

/** What a bench is run with. */
export interface BenchContext {
  /** Smaller and fewer repetitions: to see that it works, not to quote. */
  quick: boolean;
  /** Connections as the command line says; each bench has its own usual number. */
  connections?: number;
  singleConnections?: number;
  /** Of the repository. */
  root: string;
  /** For files of this run; removed at its end. */
  folder: string;
  releases: Releases;
  now: () => number;
  /** A line of progress. */
  print: (line: string) => void;
}

export interface BenchResult extends Findings {
  /** Version of the Postgres that was used, if one was. */
  postgres?: string;
}

/** Something that RLaaS claims about its speed, measured beside a reference. */
export interface Bench {
  name: string;
  /** For the list of benches. */
  summary: string;
  /** @throws BenchFailure when there is no result, and why */
  run(context: BenchContext): Promise<BenchResult>;
}
