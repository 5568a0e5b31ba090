import type { FastifyInstance, FastifyRequest } from 'fastify';
import { methodNotAllowed, notFound } from '../errors/errors.ts';
import type { RlaasError } from '../errors/rlaas-error.ts';
import type { RateLimits } from './rate-limits.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The error for a request that no route takes: 405 when the path exists under another method, else 404. */
export async function unmatchedError(
  app: FastifyInstance,
  rateLimits: RateLimits,
  request: FastifyRequest,
): Promise<RlaasError> {
  const limited = await rateLimits.unmatched(request);
  if (limited) return limited;
  const url = request.raw.url ?? '/';
  const allowed = METHODS.filter((method) => app.findRoute({ url, method }) !== null);
  if (allowed.length > 0) return methodNotAllowed(request.method, allowed);
  return notFound('There is no route with this path. The routes are listed at /docs.');
}
