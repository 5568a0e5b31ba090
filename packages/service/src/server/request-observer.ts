import { type FastifyReply, type FastifyRequest, type HookHandlerDoneFunction, LogController } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { loggedUrl } from '../logging/logged-url.ts';

const BUCKETS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** The status under which a request is counted whose caller left before the answer. */
const CALLER_LEFT = 499;

export interface RequestObserverOptions {
  service: string;
  registry: Registry;
  /** `errors` leaves out the lines of requests that went well. */
  requestLog: 'all' | 'errors';
}

export interface RequestObserver {
  /** Times each request, counts those in flight, and logs one line at the end of each. */
  hook: (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;
  /** Counts a request that went well past the hook. It began at this time, by `performance.now()`. */
  expressed: (method: string, url: string, beganAt: number) => void;
}

export function createRequestObserver({
  service,
  registry,
  requestLog,
}: RequestObserverOptions): RequestObserver {
  const duration = new Histogram({
    name: `rlaas_${service}_http_request_duration_seconds`,
    help: 'Time from the headers of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: `rlaas_${service}_http_requests_in_flight`,
    help: 'Requests that have no full answer yet.',
    registers: [registry],
  });
  const children = new Map<string, ReturnType<typeof duration.labels>>();

  return {
    hook: observeRequest,
    expressed: (method, url, beganAt) =>
      childOf(method, 200, url).observe((performance.now() - beganAt) / 1000),
  };

  function observeRequest(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    inFlight.inc();
    reply.raw.once('close', () => {
      inFlight.dec();
      observe(request, reply);
    });
    done();
  }

  function childOf(method: string, status: number, route: string) {
    const name = `${method} ${status} ${route}`;
    let child = children.get(name);
    if (child === undefined) {
      child = duration.labels(method, route, String(status));
      children.set(name, child);
    }
    return child;
  }

  function observe(request: FastifyRequest, reply: FastifyReply): void {
    const status = reply.raw.writableFinished ? reply.statusCode : CALLER_LEFT;
    const method = METHODS.has(request.method) ? request.method : 'other';
    const route = request.routeOptions.url ?? 'unmatched';
    childOf(method, status, route).observe(reply.elapsedTime / 1000);
    logRequest(request, reply, status);
  }

  function logRequest(request: FastifyRequest, reply: FastifyReply, status: number): void {
    if (status < 400 && requestLog === 'errors') return;
    const line = {
      method: request.method,
      url: loggedUrl(request.url),
      status,
      duration_ms: Math.round(reply.elapsedTime * 100) / 100,
      ...(request.errorCode !== null && { code: request.errorCode }),
    };
    if (request.routeOptions.config.quiet === true) request.log.debug(line, 'request');
    else request.log.info(line, 'request');
  }
}

/** Keeps Fastify from writing lines of its own for each request; the observer writes one. */
export class QuietLogController extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'request_id' });
  }
  override incomingRequest(): void {}
  override requestCompleted(): void {}
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The lines of its requests are for debugging only, such as those of health checks. */
    quiet?: boolean;
  }
}
