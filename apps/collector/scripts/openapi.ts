// Writes docs/openapi/collector.json; a check fails when the committed file is not what this writes.
import { writeOpenApi } from '@rlaas/service/openapi-file';
import { buildApp } from '../src/app.ts';
import type { CollectorRoutes } from '../src/routes/index.ts';

const never = async (): Promise<never> => {
  throw new Error('no request is ever made to this server');
};
const routes: CollectorRoutes = {
  ingest: { take: never, validate: never },
  intake: {
    budget: { reserve: () => false, release: () => undefined, held: 0 },
    admits: () => false,
    arriving: () => () => undefined,
    stallMs: 0,
  },
  imports: { begin: never, find: never, complete: never, base: never },
  receipts: { find: never, list: never },
  letters: { list: never, replay: never },
  quotas: { take: () => 0, eventsPerSecond: 1 },
  onDropped: () => undefined,
};

await writeOpenApi('collector', (options) => buildApp({ ...options, ...routes }));
