/** How clients behave. Shares are from 0 to 1, ranges are in milliseconds. */
export interface LoadShape {
  /** Share of places in a batch that hold an event which was sent before. */
  again: number;
  /** Share of places with an event that is invalid. */
  invalid: number;
  /** Share of places with another content for an id that was sent before. */
  rivals: number;
  /** Share of batches that are a whole one of somebody, again. */
  wholeAgain: number;
  /** How many of the newest events are sent again. */
  pool: number;
  /** What a client does between two batches. */
  thinkMs: readonly [number, number];
  /** How long a client waits for an answer. */
  patienceMs: readonly [number, number];
  /** Share of requests whose client gives up at once, while the collector works on them. */
  hangUps: number;
}

/** Applications on a usual day. */
export const STEADY: LoadShape = {
  again: 0.2,
  invalid: 0.03,
  rivals: 0.03,
  wholeAgain: 0.1,
  pool: 1_000,
  thinkMs: [20, 180],
  patienceMs: [1_000, 6_000],
  hangUps: 0.02,
};

/** Everybody sends the same few events again and again, and gives up early. */
export const STORM: LoadShape = {
  again: 0.8,
  invalid: 0.03,
  rivals: 0.03,
  wholeAgain: 0.5,
  pool: 150,
  thinkMs: [0, 60],
  patienceMs: [100, 3_000],
  hangUps: 0.15,
};
