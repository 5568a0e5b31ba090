import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What happens to one request on its way to the real server. */
export type Fault =
  /** The connection breaks before the server hears of the request. */
  | { kind: 'drop request' }
  /** The server carries the request out; then the connection breaks before the answer comes back. */
  | { kind: 'lose answer' }
  /** Nothing ever comes back. */
  | { kind: 'silence' }
  /** The connection breaks after this many bytes of the body of the answer. */
  | { kind: 'cut body'; after: number }
  /** The answer of an overloaded or busy server. */
  | { kind: 'answer'; status: number; code: string };

/** A real network fault at a chosen moment, between a client and a real server. */
export interface FaultFront {
  endpoint: string;
  /** The next requests with this method meet these faults, in this order; later ones meet none. */
  expect(method: string, ...faults: Fault[]): void;
  /** Requests with this method so far. */
  count(method: string): number;
  close(): Promise<void>;
}

/** Starts a front on a free port of 127.0.0.1. */
export async function startFaultFront(target: string): Promise<FaultFront> {
  const pending = new Map<string, Fault[]>();
  const counts = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const method = incoming.method ?? '';
    counts.set(method, (counts.get(method) ?? 0) + 1);
    handle(new URL(target), incoming, outgoing, pending.get(method)?.shift()).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expect: (method, ...faults) => void pending.set(method, faults),
    count: (method) => counts.get(method) ?? 0,
    close: () => close(server),
  };
}

async function handle(
  target: URL,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.kind === 'drop request') return void outgoing.destroy();
  const body = await buffer(incoming);
  if (fault?.kind === 'silence') return;
  if (fault?.kind === 'answer') {
    outgoing.writeHead(fault.status, { 'content-type': 'application/xml' });
    return void outgoing.end(
      `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>a fault</Message></Error>`,
    );
  }
  const answer = await forward(target, incoming, body);
  if (fault?.kind === 'lose answer') {
    await buffer(answer);
    return void outgoing.destroy();
  }
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  if (fault?.kind !== 'cut body') return void answer.pipe(outgoing);
  outgoing.write((await buffer(answer)).subarray(0, fault.after), () => outgoing.destroy());
}

/** Sends a request on with all its headers: the signature covers also the host that the client saw. */
async function forward(target: URL, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, url, headers } = incoming;
    const sent = request(
      { host: target.hostname, port: target.port, method, path: url, headers, agent: false },
      resolve,
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
