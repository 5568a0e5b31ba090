import { type ServerOptions, type ServiceApp, createServer } from '@rlaas/service';
import { type CollectorRoutes, registerRoutes } from './routes/index.ts';

export type CollectorDependencies = Omit<ServerOptions, 'service' | 'description'> & CollectorRoutes;

/** The collector's server; it does not listen yet. */
export async function buildApp(dependencies: CollectorDependencies): Promise<ServiceApp> {
  const app = createServer({
    ...dependencies,
    service: 'collector',
    // A line for each request would cost more than the request itself.
    requestLog: 'errors',
    description: 'Takes events in: validates, deduplicates and commits them.',
  });
  await app.after();
  registerRoutes(app, dependencies);
  return app;
}
