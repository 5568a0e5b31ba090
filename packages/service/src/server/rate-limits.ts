import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LruMap } from '../auth/lru-map.ts';
import type { KeyPrincipal } from '../auth/principal.ts';
import { rateLimited } from '../errors/errors.ts';
import type { RlaasError } from '../errors/rlaas-error.ts';
import type { ServerLimits } from './limits.ts';

const WINDOW_MS = 1000;
const KEYS = 5_000;

/** Each counts a request and gives the error to answer with once the limit is exceeded. */
export interface RateLimits {
  perKey(principal: KeyPrincipal): RlaasError | undefined;
  failedAuth(request: FastifyRequest): Promise<RlaasError | undefined>;
  /** Does not count: whether the next failed authentication would be one too many. */
  failedAuthExhausted(request: FastifyRequest): Promise<RlaasError | undefined>;
  unmatched(request: FastifyRequest): Promise<RlaasError | undefined>;
}

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;
type State = Awaited<ReturnType<Limiter>>;

/** Requests of a key since the beginning of a window. */
interface KeyWindow {
  since: number;
  count: number;
}

/**
 * The limits of a server, over windows of one second, in memory: each remembers the 5,000 keys or addresses seen
 * last. IPv6 addresses count by their /64. Needs @fastify/rate-limit, which counts what goes wrong; requests that go
 * well are counted here, since it takes as long for each as a short answer.
 */
export function createRateLimits(app: FastifyInstance, limits: ServerLimits, now: () => number): RateLimits {
  const keys = new LruMap<string, KeyWindow>(KEYS);
  const failedAuth = app.createRateLimit({ max: limits.failedAuthPerAddress, timeWindow: WINDOW_MS });
  const unmatched = app.createRateLimit({ max: limits.unmatchedPerAddress, timeWindow: WINDOW_MS });

  return {
    perKey({ key }) {
      const time = now();
      let window = keys.get(key.id);
      if (window === undefined) {
        window = { since: time, count: 0 };
        keys.set(key.id, window);
      } else if (time - window.since >= WINDOW_MS || time < window.since) {
        window.since = time;
        window.count = 0;
      }
      window.count += 1;
      if (window.count <= limits.requestsPerKey) return undefined;
      const resetSeconds = Math.ceil((window.since + WINDOW_MS - time) / 1000);
      return rateLimited('This key makes too many requests.', { limit: limits.requestsPerKey, resetSeconds });
    },
    async failedAuth(request) {
      return exceeded(await failedAuth(request), 'Too many failed authentications from this address.');
    },
    async failedAuthExhausted(request) {
      const state = await failedAuth(request, { increment: false });
      if (state.isAllowed || state.remaining > 0) return undefined;
      return limited(state, 'Too many failed authentications from this address.');
    },
    async unmatched(request) {
      return exceeded(await unmatched(request), 'Too many requests to paths that do not exist.');
    },
  };
}

function exceeded(state: State, detail: string): RlaasError | undefined {
  return state.isAllowed || !state.isExceeded ? undefined : limited(state, detail);
}

function limited(state: Exclude<State, { isAllowed: true }>, detail: string): RlaasError {
  return rateLimited(detail, { limit: state.max, resetSeconds: state.ttlInSeconds });
}
