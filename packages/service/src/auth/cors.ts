import type { FastifyReply, FastifyRequest } from 'fastify';

const EXPOSED =
  'x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, deprecation';
const PREFLIGHT_SECONDS = '600';

/**
 * Lets the page that made the request read the answer, an error included. Any page may: nothing that a browser adds
 * by itself opens a route, the key does, and a publishable key's own origins are checked with the key.
 */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED,
    'cross-origin-resource-policy': 'cross-origin',
    vary: 'origin',
  });
}

/** Answers a browser's question whether it may call `methods` of a route with publishable access. */
export function answerPreflight(
  methods: Iterable<string>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  allowOrigin(request, reply);
  return reply
    .code(204)
    .headers({
      'access-control-allow-methods': [...methods].join(', '),
      'access-control-allow-headers': 'authorization, content-type, idempotency-key, x-request-id',
      'access-control-max-age': PREFLIGHT_SECONDS,
    })
    .send();
}
