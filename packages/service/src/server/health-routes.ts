import { healthSchema, problemSchema, readinessSchema } from '@rlaas/schemas';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { unavailable } from '../errors/errors.ts';
import { PROBLEM_JSON } from '../errors/problem.ts';
import type { Readiness } from './readiness.ts';

export interface HealthOptions {
  service: string;
  version: string;
  readiness: Readiness;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** `/healthz`, which touches nothing, and `/readyz`, which asks for what the service needs. */
export function healthRoutes(
  instance: FastifyInstance,
  { service, version, readiness, now }: HealthOptions,
): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const startedAt = now();
  // Under load a service is still alive: it must not be restarted for it.
  const config = { access: 'public', quiet: true, pressureHandler: () => undefined } as const;

  app.get(
    '/healthz',
    {
      config,
      schema: {
        operationId: 'getHealth',
        summary: 'Whether the process runs',
        tags: ['service'],
        response: { 200: healthSchema },
      },
    },
    () => ({
      status: 'ok' as const,
      service,
      version,
      uptime_seconds: Math.max(0, Math.round((now() - startedAt) / 1000)),
    }),
  );

  app.get(
    '/readyz',
    {
      config,
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether the service should get traffic, and what is missing if not',
        tags: ['service'],
        response: {
          200: readinessSchema,
          503: {
            description: 'Something is missing, or the service is stopping.',
            content: {
              'application/json': { schema: readinessSchema },
              [PROBLEM_JSON]: { schema: problemSchema },
            },
          },
        },
      },
    },
    async (_request, reply) => {
      if (!readiness.on) throw unavailable('shutting_down', 'The service is stopping.');
      const report = await readiness.report();
      if (!readiness.on) throw unavailable('shutting_down', 'The service is stopping.');
      return reply
        .code(report.ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(report);
    },
  );
}
