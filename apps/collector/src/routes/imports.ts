import { createImportSchema, importSchema, uuidV7Schema } from '@rlaas/schemas';
import { type ServiceApp, actorOf, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { Imports } from '../imports/imports.ts';

const tags = ['imports'];
const access = { scope: 'events:import' } as const;
const params = z.object({ import: uuidV7Schema.meta({ description: 'Id of the import.' }) });

/** `/v1/imports`: history enters from elsewhere. */
export function importRoutes(app: ServiceApp, imports: Imports): void {
  app.post(
    '/v1/imports',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Begin an import, or find it again',
        description:
          'The same digest is the same import. Its events go to `POST /v1/events` with `import_id`; their ids are UUIDv7 with the time of `id_base` and 74 bits of SHA-256 over the import id and the key of the row, so that a repeated import stores nothing twice. A decision needs its propensity; its probabilities may be absent.',
        body: createImportSchema,
        response: { 200: importSchema },
      },
    },
    (request) => imports.begin(tenantOf(request), request.body, actorOf(request)),
  );

  app.get(
    '/v1/imports/:import',
    {
      config: { access },
      schema: { tags, summary: 'Show an import', params, response: { 200: importSchema } },
    },
    async (request) => {
      const found = await imports.find(tenantOf(request), request.params.import);
      if (!found) throw noSuchImport(request.params.import);
      return found;
    },
  );

  app.post(
    '/v1/imports/:import/complete',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Complete an import',
        description:
          'It takes no more events, and its decisions, which waited, get their deadlines. Repeating it changes nothing.',
        params,
        response: { 200: importSchema },
      },
    },
    async (request) => {
      const found = await imports.complete(tenantOf(request), request.params.import, actorOf(request));
      if (!found) throw noSuchImport(request.params.import);
      return found;
    },
  );
}

function noSuchImport(id: string): Error {
  return notFound(`There is no import ${id}.`);
}
