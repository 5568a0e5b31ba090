import { getContainerRuntimeClient } from 'testcontainers';
import { startPostgresContainer } from './container.ts';
import { startEmbedded } from './embedded-server.ts';
import type { PostgresServer } from './postgres-server.ts';

/**
 * The server that tests run on: `TEST_DATABASE_URL` (a superuser's), else a container where Docker answers, else the
 * Postgres that npm brings.
 */
export async function startTestPostgres(environment: NodeJS.ProcessEnv): Promise<PostgresServer> {
  const given = environment['TEST_DATABASE_URL'];
  if (given) return { superuserUrl: given, description: 'TEST_DATABASE_URL', stop: async () => undefined };
  if (environment['TEST_DATABASE'] !== 'embedded' && (await dockerAnswers())) {
    const container = await startPostgresContainer();
    if (container) return container;
  }
  return startEmbedded();
}

async function dockerAnswers(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    // No engine, or not for us: that is what was asked.
    return false;
  }
}
