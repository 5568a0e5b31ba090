import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { keyRefused, unauthenticated, unavailable } from '../errors/errors.ts';
import type { RlaasError } from '../errors/rlaas-error.ts';
import type { RateLimits } from '../server/rate-limits.ts';
import { type AccessRule, refusal } from './access.ts';
import type { Refusal } from './authentication.ts';
import type { Authenticator } from './authenticator.ts';
import { allowOrigin } from './cors.ts';
import { readCredentials } from './credentials.ts';
import { createInternalCheck, ignoreInternalHeaders } from './internal-token.ts';
import type { KeyPrincipal, Principal } from './principal.ts';

export interface AuthHookOptions {
  service: string;
  authenticator: Pick<Authenticator, 'knows' | 'recall' | 'authenticate'>;
  internalToken: string;
  rateLimits: RateLimits;
  registry: Registry;
}

/** The hook that lets a request in, or ends it, by the access rule of its route, before its body is read. */
export function createAuthHook(options: AuthHookOptions) {
  const { authenticator, rateLimits } = options;
  const checkInternal = createInternalCheck(options.internalToken);
  const results = new Counter({
    name: `rlaas_${options.service}_auth_results_total`,
    help: 'Ends of authentication: ok, stale (accepted from memory), or the code of the error.',
    labelNames: ['result'],
    registers: [options.registry],
  });
  const accepted = {
    ok: results.labels('ok'),
    stale: results.labels('stale'),
    internal: results.labels('internal'),
  };

  return async function authenticateRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const rule = request.routeOptions.config.accessRule;
    if (rule === undefined || rule.kind === 'public' || rule.kind === 'forwarded') {
      ignoreInternalHeaders(request.headers);
    } else if (rule.kind === 'internal') {
      request.principal = await authenticateService(request);
    } else {
      ignoreInternalHeaders(request.headers);
      if (rule.publishable) allowOrigin(request, reply);
      request.principal = await authenticateKey(request, rule);
    }
  };

  async function authenticateService(request: FastifyRequest): Promise<Principal> {
    const checked = checkInternal(request.headers);
    if (!checked.ok) throw await failed(request, checked.error);
    accepted.internal.inc();
    return checked.principal;
  }

  async function authenticateKey(request: FastifyRequest, rule: AccessRule): Promise<KeyPrincipal> {
    const credentials = readCredentials(request, rule.publishable);
    if (!credentials.ok) throw await failed(request, credentials.error);

    let answer = authenticator.recall(credentials.key);
    if (answer === undefined) {
      // Only a key of which nothing is known is held back: a known one is not punished for its neighbours' guesses.
      const exhausted = authenticator.knows(credentials.key)
        ? undefined
        : await rateLimits.failedAuthExhausted(request);
      if (exhausted) throw counted(exhausted);
      answer = await authenticator.authenticate(credentials.key);
    }
    if (!answer.ok) throw await failed(request, refused(answer));

    const { principal } = answer;
    if (credentials.inUrl && principal.key.kind !== 'publishable') {
      throw await failed(request, unauthenticated('Only a publishable key may stand in a URL.'));
    }
    const error = refusal(rule, principal.key, request.headers.origin);
    if (error) throw counted(error);
    const unlimited = request.routeOptions.config.unlimited === true;
    const exceeded = unlimited ? undefined : await rateLimits.perKey(request, principal);
    if (exceeded) throw counted(exceeded);
    (principal.stale ? accepted.stale : accepted.ok).inc();
    return principal;
  }

  /** Counts a failed authentication against the address; the error to answer with. */
  async function failed(request: FastifyRequest, error: RlaasError): Promise<RlaasError> {
    const exceeded = error.statusCode === 401 ? await rateLimits.failedAuth(request) : undefined;
    return counted(exceeded ?? error);
  }

  function counted(error: RlaasError): RlaasError {
    results.labels(error.code).inc();
    return error;
  }
}

function refused({ code, detail }: Refusal): RlaasError {
  return code === 'auth_unavailable' ? unavailable(code, detail) : keyRefused(code, detail);
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requests to this route are not counted against their key. */
    unlimited?: boolean;
  }
  interface FastifyRequest {
    /** Who made the request; `null` on routes that are open to anybody. */
    principal: Principal | null;
  }
}
