// Writes docs/openapi/collector.json; a check fails when the committed file is not what this writes.
import { writeOpenApi } from '@rlaas/service/openapi-file';
import { buildApp } from '../src/app.ts';

await writeOpenApi('collector', (options) =>
  buildApp({
    ...options,
    ingest: async () => {
      throw new Error('no event is taken here');
    },
  }),
);
