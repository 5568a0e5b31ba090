import type { RunningServers } from './broker.ts';
import { startMinioContainer } from './minio-container.ts';
import { startMinioProcess } from './minio-process.ts';
import { startMoto } from './moto.ts';
import type { S3Server, StartResult, StartedS3Server } from './s3-server.ts';

/**
 * Starts what S3 tests run on: `TEST_S3_ENDPOINT` alone where it is set; else MinIO (in a container where Docker
 * answers, else compiled by Go), and beside it moto's server from PyPI, because the store must not fit one server only.
 */
export async function startServers(environment: NodeJS.ProcessEnv): Promise<RunningServers> {
  const given = givenServer(environment);
  if (given) {
    console.log(`S3 tests run on TEST_S3_ENDPOINT`);
    return { servers: [given], skipped: [], stop: async () => undefined };
  }
  const attempts = await Promise.allSettled([startMinio(environment), startMoto(environment)]);
  const results = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  const started = results.filter((result): result is StartedS3Server => 'server' in result);
  const stop = async (): Promise<void> => void (await Promise.all(started.map((one) => one.stop())));
  const failed = attempts.find((attempt) => attempt.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const servers = started.map(({ server }) => server);
  const skipped = results.flatMap((result) => ('skipped' in result ? [result.skipped] : []));
  print(servers, skipped);
  return { servers, skipped, stop };
}

function givenServer(environment: NodeJS.ProcessEnv): S3Server | undefined {
  const endpoint = environment['TEST_S3_ENDPOINT'];
  if (!endpoint) return undefined;
  const accessKeyId = environment['TEST_S3_ACCESS_KEY'];
  const secretAccessKey = environment['TEST_S3_SECRET_KEY'];
  if (!accessKeyId || !secretAccessKey)
    throw new Error('TEST_S3_ENDPOINT is set: set TEST_S3_ACCESS_KEY and TEST_S3_SECRET_KEY too');
  const region = environment['TEST_S3_REGION'] ?? 'us-east-1';
  return { name: 'the given server', endpoint, region, accessKeyId, secretAccessKey, checksSignatures: true };
}

async function startMinio(environment: NodeJS.ProcessEnv): Promise<StartResult> {
  const container =
    environment['TEST_S3'] === 'local'
      ? { skipped: 'containers are not wanted (TEST_S3=local)' }
      : await startMinioContainer();
  if ('server' in container) return container;
  const compiled = await startMinioProcess(environment);
  return 'server' in compiled
    ? compiled
    : { skipped: `no MinIO: ${container.skipped}, and ${compiled.skipped}` };
}

function print(servers: S3Server[], skipped: string[]): void {
  const names = servers.map(({ name, checksSignatures }) =>
    checksSignatures ? name : `${name} (it does not check signatures)`,
  );
  if (names.length > 0) console.log(`S3 tests run on ${names.join(' and ')}`);
  if (skipped.length > 0)
    console.warn(
      `${names.length > 0 ? 'S3 tests miss a server' : 'S3 tests are skipped'}: ${skipped.join('; ')}`,
    );
}
