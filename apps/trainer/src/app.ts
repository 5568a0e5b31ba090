import { type ServerOptions, type ServiceApp, createServer } from '@rlaas/service';
import { type TrainerRoutes, registerRoutes } from './routes/index.ts';

export type TrainerDependencies = Omit<ServerOptions, 'service' | 'description'> & TrainerRoutes;

/** The trainer's server; it does not listen yet. */
export async function buildApp(dependencies: TrainerDependencies): Promise<ServiceApp> {
  const app = createServer({
    ...dependencies,
    service: 'trainer',
    description: 'Owns policies and their versions, tenants and their keys; shows the jobs of all services.',
  });
  await app.after();
  registerRoutes(app, dependencies);
  return app;
}
