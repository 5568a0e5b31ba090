import type { TestProject } from 'vitest/node';
import { startBroker } from './broker.ts';
import type { ProvidedS3 } from './provided.ts';
import { startServers } from './start-servers.ts';

/**
 * Once per run: opens the door where test files ask for S3 servers. A run that asks for none starts none.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startBroker(() => startServers(process.env));
  const provided: ProvidedS3 = { broker: broker.url };
  project.provide('s3', provided);
  return broker.stop;
}
