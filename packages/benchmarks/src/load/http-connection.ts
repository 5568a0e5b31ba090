import { type Socket, connect } from 'node:net';

/** What a server answered. */
interface Answer {
  status: number;
  /** Body as UTF-8. */
  text: string;
}

/** A connection that is kept alive, with one request at a time. */
export interface HttpConnection {
  /** @throws Error when the connection breaks, or when no answer comes in time */
  post(body: Buffer): Promise<Answer>;
  close(): void;
}

const ANSWER_TIMEOUT_MS = 30_000;
const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /^content-length: *(\d+)/im;

/**
 * HTTP/1.1 reduced to what a load generator needs: POST, answers with a length. A general client costs more than the
 * servers that are measured with it, and would be the limit on a machine where both have one core.
 */
export function openConnection(url: URL, headers: Readonly<Record<string, string>>): Promise<HttpConnection> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${lines.join('')}content-length: `;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(overSocket(socket, head));
    });
  });
}

function overSocket(socket: Socket, head: string): HttpConnection {
  let waiting: PromiseWithResolvers<Answer> | undefined;
  let received: Buffer = Buffer.alloc(0);
  let broken: Error | undefined;

  const fail = (error: Error): void => {
    broken ??= error;
    waiting?.reject(broken);
    waiting = undefined;
    socket.destroy();
  };
  socket.setTimeout(ANSWER_TIMEOUT_MS, () => fail(new Error('no answer came in time')));
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = answerIn(received);
    if (answer === undefined) return;
    if (answer === 'unreadable') {
      fail(new Error(`an answer has no length: ${received.toString('latin1').slice(0, 500)}`));
      return;
    }
    received = Buffer.alloc(0);
    const { resolve } = waiting ?? Promise.withResolvers<Answer>();
    waiting = undefined;
    resolve(answer);
  });

  return {
    post(body) {
      if (broken) return Promise.reject(broken);
      waiting = Promise.withResolvers<Answer>();
      // In one write, so that a request is one packet where it fits.
      const start = Buffer.from(`${head}${body.length}\r\n\r\n`, 'latin1');
      socket.write(Buffer.concat([start, body]));
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
}

/** The answer, when all of it is there. */
function answerIn(bytes: Buffer): Answer | 'unreadable' | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const length = LENGTH.exec(head)?.[1];
  if (length === undefined) return 'unreadable';
  const from = end + HEAD_END.length;
  if (bytes.length < from + Number(length)) return undefined;
  return { status: Number(head.slice(9, 12)), text: bytes.toString('utf8', from, from + Number(length)) };
}
