import {
  decodeCursor,
  nameSchema,
  pageOf,
  pageQuerySchema,
  pageSchema,
  policySchema,
  problemSchema,
  putPolicySchema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, conflict, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import { entityTagOf } from '../policies/entity-tag.ts';
import type { Policies } from '../policies/policies.ts';

const params = z.object({ policy: nameSchema });
const tags = ['policies'];
const access = { scope: 'policies:read' } as const;
// Loose: what is not named here must stay in the request.
const headers = z.looseObject({
  'if-match': z
    .string()
    .regex(/^(\*|"[^"]{1,100}")$/, 'must be * or one etag, with its quotation marks')
    .optional()
    .meta({ description: 'Change it only while it has this `etag`.' }),
  'if-none-match': z
    .literal('*', 'must be *')
    .optional()
    .meta({ description: '`*`: make it only when it is not there.' }),
});

/** `/v1/policies`: what the caller's tenant decides with RLaaS. */
export function policyRoutes(app: ServiceApp, { reader, writer }: Policies): void {
  app.get(
    '/v1/policies',
    {
      config: { access },
      schema: {
        tags,
        summary: 'List policies',
        querystring: pageQuerySchema,
        response: { 200: pageSchema(policySchema) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const after = cursor === undefined ? '' : (decodeCursor(cursor) ?? '');
      return pageOf(await reader.list(tenantOf(request), after, limit + 1), limit, (policy) => policy.name);
    },
  );

  app.get(
    '/v1/policies/:policy',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Show a policy',
        description: 'The `etag` is the same as long as the configuration is.',
        params,
        response: { 200: policySchema },
      },
    },
    async (request, reply) => {
      const policy = await reader.find(tenantOf(request), request.params.policy);
      if (!policy) throw noSuchPolicy(request.params.policy);
      return reply.header('etag', entityTagOf(policy)).send(policy);
    },
  );

  app.put(
    '/v1/policies/:policy',
    {
      config: { access: { scope: 'policies:write' } },
      schema: {
        tags,
        summary: 'Make a policy, or change its configuration',
        description:
          'The whole configuration. The same one changes nothing. `if-match` with the `etag` of an earlier answer makes sure that nobody else changed it meanwhile; `if-none-match: *` that it is a new one. Versions and the reward have routes of their own.',
        params,
        headers,
        body: putPolicySchema,
        response: { 200: policySchema, 201: policySchema, 409: problemSchema },
      },
    },
    async (request, reply) => {
      const name = request.params.policy;
      const put = await writer.put(tenantOf(request), actorOf(request), name, request.body, {
        ifMatch: request.headers['if-match'],
        ifAbsent: request.headers['if-none-match'] !== undefined,
      });
      if (put.outcome === 'unexpected') {
        throw conflict(
          put.stored === undefined
            ? `There is no policy "${name}" that could be changed.`
            : `Policy "${name}" is there and is not what you expect; it was changed ${put.stored.updated_at}. Read it, and send your change again with its etag.`,
        );
      }
      if (put.outcome === 'actions_in_use') {
        throw conflict(
          `Version "${put.version}" gives probabilities to ${put.actions.join(', ')}. Keep these actions, or retire the version first.`,
        );
      }
      return reply
        .code(put.outcome === 'created' ? 201 : 200)
        .header('etag', entityTagOf(put.policy))
        .send(put.policy);
    },
  );
}

/** 404 for a policy that the tenant does not have. */
export function noSuchPolicy(name: string) {
  return notFound(`There is no policy "${name}".`);
}
