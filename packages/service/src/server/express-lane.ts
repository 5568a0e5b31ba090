import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, preParsingHookHandler } from 'fastify';
import { type AccessRule, accessRule, type RouteAccess } from '../auth/access.ts';
import type { KeyPrincipal } from '../auth/principal.ts';
import { JsonShape } from './json-shape.ts';
import { requestIdOf } from './request-id.ts';

/**
 * A way past the routing of Fastify for one route whose answer takes less time than everything around it. It takes
 * requests that are well in every respect: a known key, a plain JSON body, an answer at once. All others go the
 * ordinary way, which is the only one that tells mistakes; so the route must exist and do the same.
 */
export interface ExpressLane {
  /** Path of a POST route, without parameters. */
  url: string;
  access: RouteAccess;
  /** Larger bodies go the ordinary way. */
  bodyBytes: number;
  /** The answer as JSON, with status 200; `undefined`: the ordinary way, which is asked with the same body. */
  handle: (principal: KeyPrincipal, body: unknown) => Promise<string | undefined>;
}

export interface ExpressDependencies {
  /** Lets a request in whose key is known and holds, and counts it; `undefined`: the ordinary way. */
  admit: (headers: IncomingMessage['headers'], rule: AccessRule) => KeyPrincipal | undefined;
  /** The ordinary way will see these headers of a request that was counted when it was let in. */
  wasCounted: (headers: IncomingMessage['headers']) => void;
  /** Counts a request that began at this time, by `performance.now()`, as answered with 200. */
  observed: (url: string, beganAt: number) => void;
  /** Of every answer. */
  headers: Readonly<Record<string, string>>;
  jsonDepth: number;
  /** Whether only the ordinary way is open now: the service is stopping or overloaded. */
  closed: () => boolean;
}

const JSON_TYPES = new Set(['application/json', 'application/json; charset=utf-8']);
/** Bodies that were read already, for requests that then go the ordinary way. */
const readBodies = new WeakMap<IncomingMessage, Buffer>();

/** Gives the ordinary way the body that the lane has read; for the `preParsing` hook of the route. */
export const replayBody: preParsingHookHandler = (request, _reply, payload, done) => {
  const body = readBodies.get(request.raw);
  if (body === undefined) {
    done(null, payload);
    return;
  }
  readBodies.delete(request.raw);
  done(null, Object.assign(Readable.from([body]), { receivedEncodedLength: body.length }));
};

/** Opens lanes on the server of an application. Call it when all routes are there. */
export function openExpressLanes(
  app: FastifyInstance,
  lanes: readonly ExpressLane[],
  dependencies: ExpressDependencies,
): void {
  if (lanes.length === 0) return;
  const byUrl = new Map(lanes.map((lane) => [lane.url, { lane, rule: accessRule(lane.access) }]));
  const server = app.server;
  const [ordinary] = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  if (!ordinary) throw new Error('the server takes no requests');
  server.removeListener('request', ordinary);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const found = request.method === 'POST' ? byUrl.get(request.url ?? '') : undefined;
    if (found === undefined || !take(found.lane, found.rule, request, response)) ordinary(request, response);
  });

  function take(
    lane: ExpressLane,
    rule: AccessRule,
    request: IncomingMessage,
    response: ServerResponse,
  ): boolean {
    const { headers } = request;
    const length = Number(headers['content-length']);
    if (
      !(length > 0 && length <= lane.bodyBytes) ||
      !JSON_TYPES.has(headers['content-type'] ?? '') ||
      headers.origin !== undefined ||
      headers['content-encoding'] !== undefined ||
      dependencies.closed()
    ) {
      return false;
    }
    const principal = dependencies.admit(headers, rule);
    if (principal === undefined) return false;
    const beganAt = performance.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      void answer(lane, principal, request, response, body, beganAt);
    });
    return true;
  }

  async function answer(
    lane: ExpressLane,
    principal: KeyPrincipal,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    beganAt: number,
  ): Promise<void> {
    const parsed = parse(body.toString());
    const text = parsed === undefined ? undefined : await handled(lane, principal, parsed);
    // Nobody waits any more, and nobody would be told.
    if (response.destroyed) return;
    if (text === undefined) {
      readBodies.set(request, body);
      dependencies.wasCounted(request.headers);
      ordinary?.(request, response);
      return;
    }
    const bytes = Buffer.byteLength(text);
    response.writeHead(200, {
      'x-request-id': requestIdOf(request),
      ...dependencies.headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': bytes,
    });
    // Where no character takes more than a byte both are the same, and this one is copied as it is.
    response.end(text, bytes === text.length ? 'latin1' : 'utf8');
    dependencies.observed(lane.url, beganAt);
  }

  /** A fault of the handler is told by the ordinary way too, which meets it again. */
  async function handled(
    lane: ExpressLane,
    principal: KeyPrincipal,
    body: unknown,
  ): Promise<string | undefined> {
    try {
      return await lane.handle(principal, body);
    } catch {
      return undefined;
    }
  }

  function parse(text: string): unknown {
    // What the ordinary parser refuses, in any spelling.
    if (text.includes('__proto__') || text.includes('constructor') || text.includes('\\u')) return undefined;
    const shape = new JsonShape({
      levels: dependencies.jsonDepth,
      nodes: Number.POSITIVE_INFINITY,
      names: Number.POSITIVE_INFINITY,
    });
    if (shape.add(text) !== undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      // The ordinary way says where the mistake is.
      return undefined;
    }
  }
}
