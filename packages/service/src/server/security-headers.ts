import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/**
 * Answers are data, so a browser that shows one may load nothing for it. Headers that only say how a document is opened
 * are left out. Whether the edge speaks TLS is not known here: nothing asks browsers to go there by themselves.
 */
const headersOfAnswers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});

/**
 * The security headers of every answer. They are the same for all, so they are made once: made for each request they
 * would cost as much as a short answer.
 */
export function securityHeaders(): Readonly<Record<string, string>> {
  const made: Record<string, string> = {};
  const response: Pick<ServerResponse, 'setHeader' | 'removeHeader'> = {
    setHeader(name, value) {
      made[name.toLowerCase()] = String(value);
      return response as ServerResponse;
    },
    removeHeader: () => undefined,
  };
  headersOfAnswers({} as IncomingMessage, response as ServerResponse, (error?: unknown) => {
    if (error) throw error;
  });
  return made;
}

/** Content security policy of the documentation page, which brings all it shows with it. */
export const DOCS_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI sets styles on elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
