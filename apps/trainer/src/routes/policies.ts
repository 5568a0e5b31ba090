import {
  decodeCursor,
  nameSchema,
  pageOf,
  pageQuerySchema,
  pageSchema,
  policySchema,
  policyVersionSchema,
} from '@rlaas/schemas';
import { type ServiceApp, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { PolicyReader } from '../policies/policy-reader.ts';

const params = z.object({ policy: nameSchema });
const tags = ['policies'];
const access = { scope: 'policies:read' } as const;

/** `/v1/policies`: what the caller's tenant decides with RLaaS, and in which versions. */
export function policyRoutes(app: ServiceApp, policies: PolicyReader): void {
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
      return pageOf(await policies.list(tenantOf(request), after, limit + 1), limit, (policy) => policy.name);
    },
  );

  app.get(
    '/v1/policies/:policy',
    {
      config: { access },
      schema: { tags, summary: 'Show a policy', params, response: { 200: policySchema } },
    },
    async (request) => {
      const policy = await policies.find(tenantOf(request), request.params.policy);
      if (!policy) throw noSuchPolicy(request.params.policy);
      return policy;
    },
  );

  app.get(
    '/v1/policies/:policy/versions',
    {
      config: { access },
      schema: {
        tags,
        summary: 'List the versions of a policy',
        params,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(policyVersionSchema) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const after = cursor === undefined ? '' : (decodeCursor(cursor) ?? '');
      const versions = await policies.versions(tenantOf(request), request.params.policy, after, limit + 1);
      if (!versions) throw noSuchPolicy(request.params.policy);
      return pageOf(versions, limit, (version) => version.name);
    },
  );
}

function noSuchPolicy(name: string) {
  return notFound(`There is no policy "${name}".`);
}
