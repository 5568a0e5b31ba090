import { type ServerOptions, type ServiceApp, createServer } from '@rlaas/service';
import { type RewardRoutes, registerRoutes } from './routes/index.ts';

export type RewardDependencies = Omit<ServerOptions, 'service' | 'description'> & RewardRoutes;

/** The reward's server; it does not listen yet. */
export async function buildApp(dependencies: RewardDependencies): Promise<ServiceApp> {
  const app = createServer({
    ...dependencies,
    service: 'reward',
    description: 'Turns events into rewards by versioned specifications.',
  });
  await app.after();
  registerRoutes(app, dependencies);
  return app;
}
