import { GenericContainer, ImageName, Wait, getContainerRuntimeClient } from 'testcontainers';
import type { PostgresServer } from './postgres-server.ts';

const IMAGE = process.env['POSTGRES_IMAGE'] ?? 'postgres:18.4-bookworm';

/**
 * Postgres in a container.
 * @returns `undefined`, with a printed reason, when the engine has no such image and cannot pull it
 */
export async function startPostgresContainer(): Promise<PostgresServer | undefined> {
  try {
    const runtime = await getContainerRuntimeClient();
    await runtime.image.pull(ImageName.fromString(IMAGE), { force: false, platform: undefined });
    const container = await new GenericContainer(IMAGE)
      .withEnvironment({ POSTGRES_PASSWORD: 'test' })
      .withExposedPorts(5432)
      .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
      // The image starts the server twice: once to prepare it, then for good.
      .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
      .withStartupTimeout(60_000)
      .start();
    return {
      superuserUrl: `postgres://postgres:test@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
      description: `a container of ${IMAGE}`,
      stop: async () => void (await container.stop()),
    };
  } catch (error) {
    console.warn(
      `Docker answers, but ${IMAGE} does not start (${error instanceof Error ? error.message : String(error)}); using the Postgres that npm brings.`,
    );
    return undefined;
  }
}
