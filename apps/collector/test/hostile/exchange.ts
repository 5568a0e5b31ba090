import { type Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';

/** How a request ended for the one who sent it. */
export type Ending =
  | { kind: 'answered'; status: number; body: string; ms: number }
  /** The other side ended the connection without an answer. */
  | { kind: 'closed'; reason: string; ms: number }
  /** Neither came in time. */
  | { kind: 'hang'; ms: number };

export interface Exchange {
  origin: string;
  path: string;
  headers: Record<string, string>;
  /** Whole, or in pieces, as fast as they are taken. */
  body: Uint8Array | string | AsyncIterable<Uint8Array>;
  patienceMs: number;
  /** Without one the connection is closed after the answer. */
  agent?: Agent;
}

/** Sends one request and waits for its end. An answer counts that comes before the body was sent to its end. */
export function exchange({ origin, path, headers, body, patienceMs, agent }: Exchange): Promise<Ending> {
  const startedAt = performance.now();
  const whole = typeof body === 'string' || body instanceof Uint8Array;
  return new Promise((resolve) => {
    const sending = httpRequest(`${origin}${path}`, {
      method: 'POST',
      agent: agent ?? false,
      headers: { ...headers, ...(whole && { 'content-length': Buffer.byteLength(body) }) },
    });
    const patience = setTimeout(() => end({ kind: 'hang' }), patienceMs);
    const end = (ending: WithoutTime): void => {
      clearTimeout(patience);
      resolve({ ...ending, ms: performance.now() - startedAt });
      // Of no effect on a connection whose answer is complete.
      if (ending.kind !== 'answered') sending.destroy();
    };
    let status: number | undefined;
    const chunks: Buffer[] = [];
    const answered = (): void =>
      end({ kind: 'answered', status: status ?? 0, body: Buffer.concat(chunks).toString() });
    // What cannot be sent any more does not undo an answer that began.
    const broken = (error: NodeJS.ErrnoException): void =>
      status === undefined ? end({ kind: 'closed', reason: error.code ?? error.message }) : answered();
    sending.on('error', broken);
    sending.on('response', (response) => {
      status = response.statusCode;
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', broken);
      response.on('end', answered);
    });
    if (whole) sending.end(body);
    else {
      pour(body, sending).catch((error: unknown) =>
        broken(error instanceof Error ? error : new Error(String(error))),
      );
    }
  });
}

type WithoutTime =
  | { kind: 'answered'; status: number; body: string }
  | { kind: 'closed'; reason: string }
  | { kind: 'hang' };

async function pour(pieces: AsyncIterable<Uint8Array>, into: ReturnType<typeof httpRequest>): Promise<void> {
  for await (const piece of pieces) {
    if (into.destroyed) return;
    if (!into.write(piece)) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          into.off('drain', go).off('close', go);
          resolve();
        };
        into.on('drain', go).on('close', go);
      });
    }
  }
  into.end();
}

/** Sends pieces over a bare connection, each after a pause, and waits until the other side closes it. */
export function dribble(
  origin: string,
  {
    pieces,
    pauseMs,
    patienceMs,
  }: { pieces: Iterable<string | Uint8Array>; pauseMs: number; patienceMs: number },
): Promise<Ending> {
  const startedAt = performance.now();
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    let reason = 'closed';
    let next: NodeJS.Timeout | undefined;
    const iterator = pieces[Symbol.iterator]();
    const send = (): void => {
      const piece = iterator.next();
      if (piece.done === true || !socket.writable) return;
      socket.write(piece.value);
      next = setTimeout(send, pauseMs);
    };
    const patience = setTimeout(() => {
      clearTimeout(next);
      resolve({ kind: 'hang', ms: performance.now() - startedAt });
      socket.removeAllListeners('close').destroy();
    }, patienceMs);
    socket.on('connect', send);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => (reason = error.code ?? error.message));
    socket.on('close', () => {
      clearTimeout(patience);
      clearTimeout(next);
      const ms = performance.now() - startedAt;
      const text = Buffer.concat(chunks)
        .toString()
        .replace(/^HTTP\/1\.1 100 .*\r\n\r\n/, '');
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
      resolve(
        status === undefined
          ? { kind: 'closed', reason, ms }
          : { kind: 'answered', status: Number(status), body: text.slice(text.indexOf('\r\n\r\n') + 4), ms },
      );
    });
  });
}
