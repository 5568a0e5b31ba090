import http from 'node:http';
import https from 'node:https';
import type { ClientOptions } from 'minio';

type Transport = NonNullable<ClientOptions['transport']>;

/** A request got no byte forth or back for too long. */
class IdleTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * What the client sends its requests with; it has no timeouts of its own.
 * @param idleTimeoutMs silence, also while connecting, after which a request is broken off
 */
export function createTransport(useSSL: boolean, idleTimeoutMs: number): Transport {
  const { request } = useSSL ? https : http;
  const send = (options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void) => {
    let answer: http.IncomingMessage | undefined;
    const sent = request({ ...options, timeout: idleTimeoutMs }, (response) => {
      answer = response;
      onResponse(response);
      // The client turns some answers into errors without reading them, and the connection would wait for ever.
      if (isRetryable(response.statusCode)) response.resume();
    });
    sent.on('timeout', () => {
      // Bytes lie ready and the reader takes his time: that is not the server's silence.
      if (answer && answer.readableLength > 0) sent.socket?.setTimeout(idleTimeoutMs);
      else sent.destroy(new IdleTimeout(`no byte for ${idleTimeoutMs} ms`));
    });
    return sent;
  };
  return { request: send as Transport['request'] };
}

/** The statuses that the client throws away the answer of. */
function isRetryable(status: number | undefined): boolean {
  return status !== undefined && [408, 429, 499, 500, 502, 503, 504, 520].includes(status);
}
