// The reference of decisions: what Fastify takes and gives on this machine when a route gives back what it got.
import fastify from 'fastify';

const app = fastify();
app.post('/v1/decisions', async (request) => request.body);

process.once('message', () => {
  void (async () => {
    process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
  })();
});
process.once('disconnect', () => process.exit());
