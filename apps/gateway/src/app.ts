import { type ServerOptions, type ServiceApp, createServer } from '@rlaas/service';
import { forwardServices } from './forwarding/forward.ts';
import type { UpstreamUrls } from './forwarding/upstreams.ts';
import { type GatewayRoutes, registerRoutes } from './routes/index.ts';

export type GatewayDependencies = Omit<ServerOptions, 'service' | 'description'> &
  GatewayRoutes & {
    upstreams: UpstreamUrls;
    /** Longest wait for a service behind the gateway. */
    upstreamTimeoutMs?: number;
  };

/** The gateway's server; it does not listen yet. */
export async function buildApp(dependencies: GatewayDependencies): Promise<ServiceApp> {
  const app = createServer({
    ...dependencies,
    service: 'gateway',
    description:
      'Decides, and is the one public origin: it forwards the APIs of the other services, which document them.',
  });
  await app.after();
  registerRoutes(app, dependencies);
  await forwardServices(app, dependencies.upstreams, dependencies.upstreamTimeoutMs);
  return app;
}
