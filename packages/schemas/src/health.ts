import { z } from 'zod';

/** Answer of `/healthz`: the process turns its event loop. Nothing outside the process is asked. */
export const healthSchema = z.object({
  status: z.literal('ok'),
  service: z.string(),
  version: z.string(),
  uptime_seconds: z.number(),
});
export type Health = z.infer<typeof healthSchema>;

/** Answer of `/readyz`: whether the service should get traffic, and which dependency is missing if not. */
export const readinessSchema = z
  .object({
    ready: z.boolean(),
    checks: z.array(
      z.object({
        name: z.string().meta({ description: 'The dependency.', examples: ['postgres'] }),
        ok: z.boolean(),
        message: z.string().optional().meta({ description: 'What is wrong and what to do next.' }),
        duration_ms: z.number(),
      }),
    ),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof readinessSchema>;
