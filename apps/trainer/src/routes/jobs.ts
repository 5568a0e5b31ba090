import type { Jobs } from '@rlaas/database';
import { decodeCursor, jobPageSchema, jobQuerySchema, jobSchema, pageOf, uuidV7Schema } from '@rlaas/schemas';
import { type ServiceApp, invalidAt, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';

const tags = ['jobs'];
const params = z.object({ job: uuidV7Schema });

/** `/v1/jobs`: long work of all services. */
export function jobRoutes(app: ServiceApp, jobs: Jobs): void {
  app.get(
    '/v1/jobs',
    {
      config: { access: { scope: 'policies:read' } },
      schema: {
        tags,
        summary: 'List jobs, the newest first',
        querystring: jobQuerySchema,
        response: { 200: jobPageSchema },
      },
    },
    async (request) => {
      const { limit, cursor, kind, status } = request.query;
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      if (after !== undefined && !uuidV7Schema.safeParse(after).success) {
        throw invalidAt('/query/cursor', 'must be a `next_cursor` that this list answered');
      }
      const rows = await jobs.list(tenantOf(request), { kind, status }, { after, limit: limit + 1 });
      return pageOf(rows, limit, ({ id }) => id);
    },
  );

  app.get(
    '/v1/jobs/:job',
    {
      config: { access: { scope: 'policies:read' } },
      schema: {
        tags,
        summary: 'Show a job: how far it is, and what came of it',
        params,
        response: { 200: jobSchema },
      },
    },
    async (request) => {
      const found = await jobs.find(tenantOf(request), request.params.job);
      if (!found) throw notFound(`There is no job ${request.params.job}.`);
      return found;
    },
  );

  app.post(
    '/v1/jobs/:job/cancel',
    {
      config: { access: { scope: 'policies:write' } },
      schema: {
        tags,
        summary: 'Stop a job',
        description:
          'One that waits ends at once, one that runs at its next step; what it did so far stays. One that has ended is not changed.',
        params,
        response: { 200: jobSchema },
      },
    },
    async (request) => {
      const found = await jobs.cancel(tenantOf(request), request.params.job);
      if (!found) throw notFound(`There is no job ${request.params.job}.`);
      return found;
    },
  );
}
