import { schemasListSchema } from '@rlaas/schemas';
import { type ServiceApp, notFound } from '@rlaas/service';
import { z } from 'zod';
import { schemaDocuments } from '../events/schema-documents.ts';

const tags = ['schemas'];
const params = z.object({
  type: z.string().max(64).meta({ description: 'Type of the event.' }),
  version: z.coerce.number().int().min(1).meta({ description: 'Version of its form.' }),
});

/** `/v1/schemas`: what events look like, for anybody. */
export function schemaRoutes(app: ServiceApp): void {
  const documents = schemaDocuments();

  app.get(
    '/v1/schemas',
    {
      config: { access: 'public' },
      schema: { tags, summary: 'List the JSON Schemas of events', response: { 200: schemasListSchema } },
    },
    () => documents.list,
  );

  app.get(
    '/v1/schemas/:type/:version',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Get the JSON Schema of a type of events',
        description:
          'JSON Schema 2020-12. Ask again with its ETag in `if-none-match`: 304 while it is the same.',
        params,
        response: {
          200: z.record(z.string(), z.unknown()),
          304: z.null().meta({ description: 'Not changed.' }),
        },
      },
    },
    async (request, reply): Promise<never> => {
      const { type, version } = request.params;
      const document = documents.find(type, version);
      if (!document) throw notFound(`There is no version ${version} of an event type ${type}.`);
      reply.header('etag', document.etag).header('cache-control', 'public, max-age=300');
      const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
      if (known?.some((tag) => tag === document.etag || tag === '*') === true) {
        return reply.code(304).send(null) as never;
      }
      return reply.type('application/schema+json; charset=utf-8').send(document.json as never) as never;
    },
  );
}
