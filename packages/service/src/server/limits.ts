/** What a server takes before it refuses. */
export interface ServerLimits {
  /** Bytes of a body; a route may set its own `bodyLimit`. */
  bodyBytes: number;
  /** Levels of nesting in a JSON body. */
  jsonDepth: number;
  /** Time for a whole request to arrive. */
  requestTimeoutMs: number;
  /** Time for the headers of a request to arrive. */
  headersTimeoutMs: number;
  /** How often connections are checked against the two times above. */
  connectionCheckMs: number;
  /** How long an idle connection stays open; longer than that of common load balancers. */
  keepAliveTimeoutMs: number;
  /** Requests per second of one key. */
  requestsPerKey: number;
  /** Failed authentications per second of one address. */
  failedAuthPerAddress: number;
  /** Requests per second of one address to paths that do not exist. */
  unmatchedPerAddress: number;
  /** Mean delay of the event loop over a second from which on requests are refused as `overloaded`. */
  eventLoopDelayMs: number;
}

export const defaultLimits: Readonly<ServerLimits> = {
  bodyBytes: 1_048_576,
  jsonDepth: 64,
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  connectionCheckMs: 1_000,
  keepAliveTimeoutMs: 72_000,
  requestsPerKey: 5_000,
  failedAuthPerAddress: 20,
  unmatchedPerAddress: 50,
  eventLoopDelayMs: 1_000,
};
