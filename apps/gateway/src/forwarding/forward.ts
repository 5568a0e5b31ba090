import { Readable } from 'node:stream';
import httpProxy from '@fastify/http-proxy';
import { type ServiceApp, upstreamFailed } from '@rlaas/service';
import { UPSTREAMS, type UpstreamUrls } from './upstreams.ts';

/** Headers by which services trust each other. A caller from outside must never be able to send them on. */
const INTERNAL_HEADERS = new Set(['x-rlaas-internal-token', 'x-rlaas-tenant']);

/** Headers about one connection, not about the request (RFC 9110 §7.6.1), and `expect`, which the gateway has answered. */
const HOP_HEADERS = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
]);

const TIMEOUTS = new Set([
  'FST_REPLY_FROM_GATEWAY_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/**
 * Forwards the other services' APIs, so that there is one public origin.
 * @param timeoutMs longest wait for an answer; a list or a change of the admin API never needs the default
 */
export async function forwardServices(
  app: ServiceApp,
  urls: UpstreamUrls,
  timeoutMs = 30_000,
): Promise<void> {
  for (const { service, prefixes, bodyBytes } of UPSTREAMS) {
    // One scope for each service: within it bodies are read whole and passed on as they are. Read first, so that a slow
    // upload holds its own connection only, and none to the service.
    await app.register(async (scope) => {
      // What a body that is too large is told, and where Fastify itself stops.
      scope.addHook('onRoute', (route) => {
        route.bodyLimit = bodyBytes;
      });
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyBytes }, (_request, body, done) =>
        // As a stream again: a body that is none would be written as JSON once more.
        done(null, Readable.from([body])),
      );
      for (const prefix of prefixes) {
        await scope.register(httpProxy, {
          upstream: urls[service],
          prefix,
          rewritePrefix: prefix,
          config: { access: 'forwarded' },
          proxyPayloads: false,
          // Its lines repeat URLs, in which a publishable key may stand; the request is logged once without them.
          disableRequestLogging: true,
          undici: { connections: 64, headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
          replyOptions: {
            rewriteRequestHeaders: (request, headers) => {
              const kept = Object.fromEntries(
                Object.entries(headers).filter(
                  ([name]) => !INTERNAL_HEADERS.has(name) && !HOP_HEADERS.has(name),
                ),
              );
              // The service behind sees the gateway's address otherwise, and its limits count by address.
              return { ...kept, 'x-request-id': request.id, 'x-forwarded-for': request.ip };
            },
            // Both answer with these; the gateway's own are there already.
            rewriteHeaders: ({ 'x-request-id': _id, ...headers }) => headers,
            onError: (reply, { error }) => {
              const code = 'code' in error ? String(error.code) : '';
              reply.send(
                TIMEOUTS.has(code)
                  ? upstreamFailed('upstream_timeout', `The ${service} answers too slowly.`, error)
                  : upstreamFailed('upstream_unavailable', `The ${service} does not answer.`, error),
              );
            },
          },
        });
      }
    });
  }
}
