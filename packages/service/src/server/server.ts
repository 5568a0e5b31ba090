import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type HookHandlerDoneFunction,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { createAdmission } from '../auth/auth-hook.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { guardRouteAccess } from '../auth/route-access.ts';
import { whoamiRoute } from '../auth/whoami-route.ts';
import { handleError } from '../errors/error-handler.ts';
import { unavailable } from '../errors/errors.ts';
import { validatorCompiler } from '../errors/validator.ts';
import { documentRoutes } from '../openapi/documentation.ts';
import { requestLogger } from '../logging/request-logger.ts';
import { parseBodies } from './body-parser.ts';
import { answerClientError } from './client-error.ts';
import { healthRoutes } from './health-routes.ts';
import { type ExpressLane, openExpressLanes } from './express-lane.ts';
import { defaultLimits, type ServerLimits } from './limits.ts';
import { type RateLimits, createRateLimits } from './rate-limits.ts';
import { createReadiness, type Readiness, type ReadinessCheck } from './readiness.ts';
import { requestIdOf } from './request-id.ts';
import { createRequestObserver, QuietLogController } from './request-observer.ts';
import { securityHeaders } from './security-headers.ts';
import { unmatchedError } from './unmatched.ts';

/** A Fastify whose routes take their types from Zod schemas. */
export type ServiceApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface ServerOptions {
  /** Name of the service, such as `gateway`; part of its metrics' names. */
  service: string;
  version: string;
  /** For the reader of the API documentation. */
  description?: string;
  logger: FastifyBaseLogger;
  registry: Registry;
  authenticator: Pick<Authenticator, 'knows' | 'recall' | 'authenticate'>;
  /** What services show each other on routes with access `internal`. */
  internalToken: string;
  readiness?: readonly ReadinessCheck[];
  limits?: Partial<ServerLimits>;
  /** Proxies whose `x-forwarded-*` headers are believed. Default: none. */
  trustProxy?: readonly string[];
  /** `errors` logs only requests that went wrong, for a service with very many. Default: `all`. */
  requestLog?: 'all' | 'errors';
  /** Milliseconds since 1970. */
  now: () => number;
}

/**
 * The server of a service, with everything that all services share; it does not listen yet (see `listen`).
 * Register routes in plugins, or after `await app.after()`: what is registered before that is not in the API
 * documentation, so it throws.
 */
export function createServer(options: ServerOptions): ServiceApp {
  const { service, version, description, logger, registry, now } = options;
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const trustProxy = [...(options.trustProxy ?? [])];

  const observer = createRequestObserver({ service, registry, requestLog: options.requestLog ?? 'all' });

  const app = Fastify({
    loggerInstance: logger,
    logController: new QuietLogController(),
    childLoggerFactory: requestLogger,
    genReqId: requestIdOf,
    trustProxy: trustProxy.length > 0 ? trustProxy : false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.connectionCheckMs,
    },
    // A request that came before the connection closed is answered, not refused: see `drain`.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error, request, reply) =>
      observer.hook(request, reply, () => handleError(error, request, reply)),
    clientErrorHandler: answerClientError,
  }).withTypeProvider<ZodTypeProvider>();

  const readiness = createReadiness({ checks: options.readiness ?? [], now, logger });
  app.decorate('serviceName', service);
  app.decorate('readiness', readiness);
  app.decorateRequest('principal', null);
  app.decorateRequest('errorCode', null);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  parseBodies(app, limits.jsonDepth);
  const closing = closeConnectionsWhenClosing(app);
  const lanes: ExpressLane[] = [];
  app.decorate('addExpressLane', (lane: ExpressLane) => void lanes.push(lane));
  const access = guardRouteAccess(app);
  refuseEarlyRoutes(app);

  // In this order, since hooks run in the order in which they are added: what is answered by an earlier one has the
  // headers and metrics of those before it.
  const shared = fastifyPlugin(async (instance: FastifyInstance) => {
    instance.addHook('onRequest', observer.hook);
    const headers = securityHeaders();
    instance.addHook('onRequest', (request, reply, done) => {
      reply.header('x-request-id', request.id);
      reply.headers(headers);
      done();
    });
    await instance.register(underPressure, {
      maxEventLoopDelay: limits.eventLoopDelayMs,
      pressureHandler() {
        throw unavailable('overloaded', 'The service is overloaded.', { retryAfterSeconds: 2 });
      },
    });
    await instance.register(rateLimit, { global: false });
    const rateLimits = createRateLimits(instance, limits, now);
    instance.addHook('onRequest', (request, _reply, done) => {
      if (request.is404) void refuseUnmatched(instance, rateLimits, request, done);
      else done();
    });
    const admission = createAdmission({
      service,
      registry,
      rateLimits,
      authenticator: options.authenticator,
      internalToken: options.internalToken,
    });
    instance.addHook('onRequest', admission.hook);
    instance.addHook('onReady', (done) => {
      openExpressLanes(instance, lanes, {
        admit: admission.atOnce,
        wasCounted: admission.wasCounted,
        observed: (url, beganAt) => observer.expressed('POST', url, beganAt),
        headers,
        jsonDepth: limits.jsonDepth,
        closed: () => closing.begun || instance.isUnderPressure(),
      });
      done();
    });
    // Reached through `reply.callNotFound()`; what no route takes does not get this far.
    instance.setNotFoundHandler(async (request) => {
      throw await unmatchedError(instance, rateLimits, request);
    });
    await documentRoutes(instance, { service, version, description, access });
    healthRoutes(instance, { service, version, readiness, now });
    whoamiRoute(instance);
  });
  app.register(shared);
  return app;
}

async function refuseUnmatched(
  app: FastifyInstance,
  rateLimits: RateLimits,
  request: FastifyRequest,
  done: HookHandlerDoneFunction,
): Promise<void> {
  done(await unmatchedError(app, rateLimits, request));
}

/** Tells callers on connections that stay open to go elsewhere, so that the server can close. */
function closeConnectionsWhenClosing(app: FastifyInstance): { readonly begun: boolean } {
  const closing = { begun: false };
  app.addHook('preClose', (done) => {
    closing.begun = true;
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing.begun) reply.header('connection', 'close');
    done();
  });
  return closing;
}

function refuseEarlyRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!app.hasDecorator('swagger')) {
      throw new Error(
        `route ${route.url} is registered too early: use app.register(), or await app.after() first`,
      );
    }
  });
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Name of the service. */
    serviceName: string;
    /** Whether the service should get traffic. */
    readiness: Readiness;
    /** Opens a way past the routing for a route that is there too. */
    addExpressLane: (lane: ExpressLane) => void;
  }
}
