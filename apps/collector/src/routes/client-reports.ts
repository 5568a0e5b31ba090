import { type ClientReport, clientReportSchema } from '@rlaas/schemas';
import type { ServiceApp } from '@rlaas/service';
import { z } from 'zod';

/** Told of events that a client lost. */
export type OnDropped = (drop: ClientReport['drops'][number]) => void;

/** `/v1/client-reports`: what SDKs lost before it got here. */
export function clientReportRoutes(app: ServiceApp, onDropped: OnDropped): void {
  app.post(
    '/v1/client-reports',
    {
      // Whoever loses events because of a rate limit must be able to say so.
      config: { access: { scope: 'events:write', publishable: true }, unlimited: true },
      bodyLimit: 16_384,
      schema: {
        tags: ['events'],
        summary: 'Report losses of a client',
        description:
          'Numbers since the last report that was answered, by reason. They are shown as a metric. Never rate-limited.',
        body: clientReportSchema,
        response: { 204: z.undefined().meta({ description: 'Counted.' }) },
      },
    },
    async (request, reply) => {
      for (const drop of request.body.drops) onDropped(drop);
      request.log.debug({ sdk: request.body.sdk, drops: request.body.drops }, 'a client lost events');
      return reply.code(204).send();
    },
  );
}
