import { GenericContainer, ImageName, Wait, getContainerRuntimeClient } from 'testcontainers';
import type { StartResult } from './s3-server.ts';

/** The image of the compose file: the maintained fork of MinIO. */
const IMAGE = 'pgsty/silo:RELEASE.2026-09-16T00-00-00Z';
/** A run should not wait for a slow registry; the next one finds the image there. */
const PULL_TIMEOUT_MS = 90_000;
const CREDENTIALS = { accessKeyId: 'rlaas-test', secretAccessKey: 'rlaas-test-secret' };

/** MinIO in a container, where Docker answers and has the image or can pull it in time. */
export async function startMinioContainer(): Promise<StartResult> {
  let runtime;
  try {
    runtime = await getContainerRuntimeClient();
  } catch {
    // No engine, or not for us: that is what was asked.
    return { skipped: 'Docker does not answer' };
  }
  try {
    const image = ImageName.fromString(IMAGE);
    if (!(await runtime.image.exists(image)))
      await within(PULL_TIMEOUT_MS, runtime.image.pull(image, { force: false, platform: undefined }));
    const container = await new GenericContainer(IMAGE)
      .withEnvironment({
        MINIO_ROOT_USER: CREDENTIALS.accessKeyId,
        MINIO_ROOT_PASSWORD: CREDENTIALS.secretAccessKey,
      })
      .withCommand(['server', '/data'])
      .withExposedPorts(9000)
      .withWaitStrategy(Wait.forHttp('/minio/health/live', 9000))
      .withStartupTimeout(60_000)
      .start();
    const endpoint = `http://${container.getHost()}:${container.getMappedPort(9000)}`;
    return {
      server: {
        name: `MinIO (${IMAGE})`,
        endpoint,
        region: 'us-east-1',
        ...CREDENTIALS,
        checksSignatures: true,
      },
      stop: async () => void (await container.stop()),
    };
  } catch (error) {
    return { skipped: `${IMAGE} does not start (${error instanceof Error ? error.message : String(error)})` };
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not pulled within ${ms / 1000} s`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
