import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { Counter, type Registry } from 'prom-client';
import { keyRefused, unauthenticated, unavailable } from '../errors/errors.ts';
import type { RlaasError } from '../errors/rlaas-error.ts';
import type { RateLimits } from '../server/rate-limits.ts';
import { type AccessRule, refusal } from './access.ts';
import type { Authentication, Refusal } from './authentication.ts';
import type { Authenticator } from './authenticator.ts';
import { allowOrigin } from './cors.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { createInternalCheck, ignoreInternalHeaders } from './internal-token.ts';
import type { KeyPrincipal, Principal } from './principal.ts';

type ShownKey = Extract<Credentials, { ok: true }>;

export interface AuthHookOptions {
  service: string;
  authenticator: Pick<Authenticator, 'knows' | 'recall' | 'authenticate'>;
  internalToken: string;
  rateLimits: RateLimits;
  registry: Registry;
}

export interface Admission {
  /** The hook that lets a request in, or ends it, by the access rule of its route, before its body is read. */
  hook: (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;
  /**
   * Lets a request in whose key is known and holds, and counts it. `undefined`: the hook has to look at it, which tells
   * what is wrong.
   */
  atOnce: (headers: IncomingHttpHeaders, rule: AccessRule) => KeyPrincipal | undefined;
  /** The hook will see these headers of a request that `atOnce` has counted: it is not to be counted again. */
  wasCounted: (headers: IncomingHttpHeaders) => void;
}

export function createAdmission(options: AuthHookOptions): Admission {
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

  const alreadyCounted = new WeakSet<IncomingHttpHeaders>();

  return {
    hook: authenticateRequest,
    atOnce,
    wasCounted: (headers) => void alreadyCounted.add(headers),
  };

  function authenticateRequest(
    request: FastifyRequest,
    reply: FastifyReply,
    done: HookHandlerDoneFunction,
  ): void {
    try {
      const found = authenticate(request, reply);
      if (found instanceof Promise) {
        void authenticateLater(request, found, done);
        return;
      }
      request.principal = found;
    } catch (error) {
      done(error as RlaasError);
      return;
    }
    done();
  }

  function atOnce(headers: IncomingHttpHeaders, rule: AccessRule): KeyPrincipal | undefined {
    const credentials = readCredentials({ headers, query: undefined }, false);
    const answer = credentials.ok ? authenticator.recall(credentials.key) : undefined;
    if (answer?.ok !== true || refusal(rule, answer.principal.key, undefined)) return undefined;
    if (rateLimits.perKey(answer.principal)) return undefined;
    (answer.principal.stale ? accepted.stale : accepted.ok).inc();
    return answer.principal;
  }

  async function authenticateLater(
    request: FastifyRequest,
    found: Promise<Principal>,
    done: HookHandlerDoneFunction,
  ): Promise<void> {
    try {
      request.principal = await found;
    } catch (error) {
      done(error as RlaasError);
      return;
    }
    done();
  }

  /** At once where nothing has to be asked, as it is for nearly every request. */
  function authenticate(request: FastifyRequest, reply: FastifyReply): Principal | null | Promise<Principal> {
    const rule = request.routeOptions.config.accessRule;
    if (rule?.kind === 'internal') return authenticateService(request);
    ignoreInternalHeaders(request.headers);
    if (rule === undefined || rule.kind === 'public' || rule.kind === 'forwarded') return null;
    if (rule.publishable) allowOrigin(request, reply);
    const credentials = readCredentials(request, rule.publishable);
    if (!credentials.ok) return failed(request, credentials.error);
    const answer = authenticator.recall(credentials.key);
    return answer === undefined
      ? authenticateUnknown(request, rule, credentials)
      : admit(request, rule, credentials, answer);
  }

  function authenticateService(request: FastifyRequest): Principal | Promise<never> {
    const checked = checkInternal(request.headers);
    if (!checked.ok) return failed(request, checked.error);
    accepted.internal.inc();
    return checked.principal;
  }

  async function authenticateUnknown(
    request: FastifyRequest,
    rule: AccessRule,
    credentials: ShownKey,
  ): Promise<KeyPrincipal> {
    // Only a key of which nothing is known is held back: a known one is not punished for its neighbours' guesses.
    const exhausted = authenticator.knows(credentials.key)
      ? undefined
      : await rateLimits.failedAuthExhausted(request);
    if (exhausted) throw counted(exhausted);
    return admit(request, rule, credentials, await authenticator.authenticate(credentials.key));
  }

  function admit(
    request: FastifyRequest,
    rule: AccessRule,
    credentials: ShownKey,
    answer: Authentication,
  ): KeyPrincipal | Promise<never> {
    if (!answer.ok) return failed(request, refused(answer));
    const { principal } = answer;
    if (credentials.inUrl && principal.key.kind !== 'publishable') {
      return failed(request, unauthenticated('Only a publishable key may stand in a URL.'));
    }
    const error = refusal(rule, principal.key, request.headers.origin);
    if (error) throw counted(error);
    if (alreadyCounted.delete(request.headers)) return principal;
    const unlimited = request.routeOptions.config.unlimited === true;
    const exceeded = unlimited ? undefined : rateLimits.perKey(principal);
    if (exceeded) throw counted(exceeded);
    (principal.stale ? accepted.stale : accepted.ok).inc();
    return principal;
  }

  /** Counts a failed authentication against the address. @throws the error to answer with */
  async function failed(request: FastifyRequest, error: RlaasError): Promise<never> {
    const exceeded = error.statusCode === 401 ? await rateLimits.failedAuth(request) : undefined;
    throw counted(exceeded ?? error);
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
