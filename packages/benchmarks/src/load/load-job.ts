/** Requests to be sent, each connection waiting for an answer before it sends its next one. */
export interface LoadJob {
  url: string;
  headers: Record<string, string>;
  /** A file with a body on each line. Each is sent once, by POST, in their order. */
  bodiesFile: string;
  /** Kept alive, one request at a time on each. */
  connections: number;
  /** Nothing more is sent after this; without it, all bodies are. */
  durationMs?: number;
  /** What every answer must be, or the load has failed. */
  expected: {
    status: number;
    /** Where in the JSON of the answer, such as `['counts', 'accepted']`. */
    member: string[];
    value: number | string | boolean;
  };
}

/** What became of the requests. */
export type LoadOutcome =
  | {
      ok: true;
      /** From the first request to the last answer. */
      elapsedMs: number;
      /** Of each request, from its sending to the end of its answer, in the order of the answers. */
      latenciesMs: Float64Array;
      /** Share of the time in which the generator itself was busy; near 1 it, not the server, is the limit. */
      busy: number;
    }
  | { ok: false; reason: string };
