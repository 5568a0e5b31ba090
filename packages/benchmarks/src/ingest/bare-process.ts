// The reference of single events: what Fastify takes and gives on this machine when a route does nothing.
import fastify from 'fastify';

const app = fastify();
app.post('/v1/events', () => ({
  request_id: '019aadf0-6a00-7c3e-9d2b-5f0c1a2b3c4d',
  received_at: '2026-01-01T00:00:00.000Z',
  counts: { received: 1, accepted: 1, duplicate: 0, rejected: 0, retry: 0 },
  results: [],
}));

process.once('message', () => {
  void (async () => {
    process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
  })();
});
process.once('disconnect', () => process.exit());
