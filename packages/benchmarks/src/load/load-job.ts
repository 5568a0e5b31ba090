/** Requests to be sent over connections that have one request at a time each. */
export interface LoadJob {
  url: string;
  headers: Record<string, string>;
  /** A file with a body on each line. Each is sent once, by POST, in their order. */
  bodiesFile: string;
  /** Kept alive. */
  connections: number;
  /** Nothing more is sent after this; without it, all bodies are. */
  durationMs?: number;
  /**
   * Requests begin at this rate, whatever the server does, and what waits for a connection waits on the server's
   * account. Without it each connection sends its next request when it has an answer.
   */
  perSecond?: number;
  /** What every answer must be, or the load has failed. */
  expected: {
    status: number;
    /** A part of the answer's text, such as `"accepted":100`. */
    text: string;
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
