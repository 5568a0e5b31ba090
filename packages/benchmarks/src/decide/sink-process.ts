// Takes the gateway's journal in the collector's place, on the load generator's processor: acknowledges what it gets and
// stores nothing, so that the work of shipping is measured and the work of storing is not.
import { setPriority } from 'node:os';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';

const DECISION = Buffer.from('"type":"decision"');

// Behind the load generator, which has the same processor: what it waits for this would be counted as the gateway's.
setPriority(19);

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  let received = 0;
  let rest: Buffer = Buffer.alloc(0);
  request.on('data', (chunk: Buffer) => {
    // What was cut in two between the pieces is found across them.
    received += countOf(Buffer.concat([rest, chunk.subarray(0, DECISION.length - 1)])) + countOf(chunk);
    rest = chunk.subarray(-(DECISION.length - 1));
  });
  request.on('end', () => {
    const answer = JSON.stringify({
      request_id: '019aadf0-6a00-7c3e-9d2b-5f0c1a2b3c4d',
      received_at: '2026-01-01T00:00:00.000Z',
      counts: { received, accepted: received, duplicate: 0, rejected: 0, retry: 0 },
      results: [],
    });
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});

function countOf(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(DECISION); at !== -1; at = bytes.indexOf(DECISION, at + DECISION.length))
    count += 1;
  return count;
}

process.once('message', () => {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address) process.send?.(`http://127.0.0.1:${address.port}`);
  });
});
process.once('disconnect', () => process.exit());
