import {
  createTenantSchema,
  createdTenantSchema,
  decodeCursor,
  nameSchema,
  pageOf,
  pageQuerySchema,
  pageSchema,
  problemSchema,
  tenantSchema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, conflict, notFound } from '@rlaas/service';
import { z } from 'zod';
import type { TenantAdministration } from '../tenants/tenant-administration.ts';

const params = z.object({ tenant: nameSchema });
const tags = ['tenants'];

/** `/v1/tenants`: for operators, who manage tenants and see nothing of what these own. */
export function tenantRoutes(app: ServiceApp, tenants: TenantAdministration): void {
  app.get(
    '/v1/tenants',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'List tenants',
        querystring: pageQuerySchema,
        response: { 200: pageSchema(tenantSchema) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const after = cursor === undefined ? '' : (decodeCursor(cursor) ?? '');
      return pageOf(await tenants.list(after, limit + 1), limit, (tenant) => tenant.slug);
    },
  );

  app.post(
    '/v1/tenants',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Make a tenant and its first key',
        body: createTenantSchema,
        response: { 201: createdTenantSchema, 409: problemSchema },
      },
    },
    async (request, reply) => {
      const created = await tenants.create(actorOf(request), request.body);
      if (created === 'taken') throw conflict(`The slug "${request.body.slug}" is taken.`);
      return reply.code(201).send(created);
    },
  );

  app.get(
    '/v1/tenants/:tenant',
    {
      config: { access: 'operator' },
      schema: { tags, summary: 'Show a tenant', params, response: { 200: tenantSchema } },
    },
    async ({ params: { tenant: slug } }) => {
      const tenant = await tenants.find(slug);
      if (!tenant) throw notFound(`There is no tenant "${slug}".`);
      return tenant;
    },
  );

  app.delete(
    '/v1/tenants/:tenant',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Close a tenant',
        description: 'All its keys are refused within 5 s. Its rows stay, and its slug stays taken.',
        params,
        response: { 200: tenantSchema },
      },
    },
    async (request) => {
      const { tenant: slug } = request.params;
      const closed = await tenants.close(actorOf(request), slug);
      if (!closed) throw notFound(`There is no tenant "${slug}".`);
      return closed;
    },
  );
}
