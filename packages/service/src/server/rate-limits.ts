import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { KeyPrincipal } from '../auth/principal.ts';
import { rateLimited } from '../errors/errors.ts';
import type { RlaasError } from '../errors/rlaas-error.ts';
import type { ServerLimits } from './limits.ts';

const WINDOW_MS = 1000;

/** Each counts a request and gives the error to answer with once the limit is exceeded. */
export interface RateLimits {
  perKey(request: FastifyRequest, principal: KeyPrincipal): Promise<RlaasError | undefined>;
  failedAuth(request: FastifyRequest): Promise<RlaasError | undefined>;
  /** Does not count: whether the next failed authentication would be one too many. */
  failedAuthExhausted(request: FastifyRequest): Promise<RlaasError | undefined>;
  unmatched(request: FastifyRequest): Promise<RlaasError | undefined>;
}

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;
type State = Awaited<ReturnType<Limiter>>;

/**
 * The limits of a server, over windows of one second, in memory: each remembers the 5,000 keys or addresses seen
 * last. IPv6 addresses count by their /64. Needs @fastify/rate-limit.
 */
export function createRateLimits(app: FastifyInstance, limits: ServerLimits): RateLimits {
  const keys = new WeakMap<FastifyRequest, string>();
  const perKey = app.createRateLimit({
    max: limits.requestsPerKey,
    timeWindow: WINDOW_MS,
    keyGenerator: (request) => keys.get(request) ?? '',
  });
  const failedAuth = app.createRateLimit({ max: limits.failedAuthPerAddress, timeWindow: WINDOW_MS });
  const unmatched = app.createRateLimit({ max: limits.unmatchedPerAddress, timeWindow: WINDOW_MS });

  return {
    async perKey(request, principal) {
      keys.set(request, principal.key.id);
      return exceeded(await perKey(request), 'This key makes too many requests.');
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
