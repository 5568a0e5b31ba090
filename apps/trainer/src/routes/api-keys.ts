import type { KeyManagement } from '@rlaas/database';
import {
  apiKeySchema,
  createApiKeySchema,
  createdApiKeySchema,
  decodeCursor,
  durationSchema,
  pageOf,
  pageQuerySchema,
  pageSchema,
  parseDuration,
  problemSchema,
  uuidSchema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, conflict, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';

const params = z.object({ id: uuidSchema });
const tags = ['api keys'];
const access = { scope: 'admin' } as const;
const DEFAULT_GRACE = '24h';
const LONGEST_GRACE_MS = 365 * 86_400_000;
const rotateSchema = z
  .object({
    grace: durationSchema
      .refine((grace) => (parseDuration(grace) ?? 0) <= LONGEST_GRACE_MS, 'must be at most 365d')
      .default(DEFAULT_GRACE)
      .meta({ description: 'How long the old key goes on; 0s ends it at once.' }),
  })
  .strict()
  // No body at all is the default.
  .nullish();

/** `/v1/api-keys`: the keys of the caller's own tenant. */
export function apiKeyRoutes(app: ServiceApp, keys: KeyManagement): void {
  app.get(
    '/v1/api-keys',
    {
      config: { access },
      schema: {
        tags,
        summary: 'List keys',
        querystring: pageQuerySchema,
        response: { 200: pageSchema(apiKeySchema) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const after = cursor === undefined ? undefined : uuidSchema.safeParse(decodeCursor(cursor)).data;
      return pageOf(await keys.list(tenantOf(request), after, limit + 1), limit, (key) => key.id);
    },
  );

  app.post(
    '/v1/api-keys',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Make a key',
        description: 'The answer is the only place where the key itself is shown.',
        body: createApiKeySchema,
        response: { 201: createdApiKeySchema },
      },
    },
    async (request, reply) => {
      const created = await keys.create(tenantOf(request), actorOf(request), request.body);
      return reply.code(201).send(created);
    },
  );

  app.get(
    '/v1/api-keys/:id',
    { config: { access }, schema: { tags, summary: 'Show a key', params, response: { 200: apiKeySchema } } },
    async (request) => {
      const key = await keys.find(tenantOf(request), request.params.id);
      if (!key) throw noSuchKey(request.params.id);
      return key;
    },
  );

  app.post(
    '/v1/api-keys/:id/rotate',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Change a key over to a successor',
        description:
          'The successor has the same rights. The old key goes on for the grace, so that it can be replaced.',
        params,
        body: rotateSchema,
        response: { 201: createdApiKeySchema, 409: problemSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const grace = parseDuration(request.body?.grace ?? DEFAULT_GRACE) ?? 0;
      const created = await keys.rotate(tenantOf(request), actorOf(request), id, grace);
      if (created === undefined) throw noSuchKey(id);
      if (created === 'gone') throw conflict(`Key ${id} is revoked or expired. Make a new one.`);
      return reply.code(201).send(created);
    },
  );

  app.delete(
    '/v1/api-keys/:id',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Revoke a key',
        description: 'It is refused within 5 s, everywhere.',
        params,
        response: { 200: apiKeySchema },
      },
    },
    async (request) => {
      const revoked = await keys.revoke(tenantOf(request), actorOf(request), request.params.id);
      if (!revoked) throw noSuchKey(request.params.id);
      return revoked;
    },
  );
}

function noSuchKey(id: string) {
  return notFound(`There is no key ${id}.`);
}
