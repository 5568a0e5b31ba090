import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { UNKNOWN_KEY } from '../auth/authentication.ts';
import type { ServerOptions, ServiceApp } from '../server/server.ts';
import { openApiDocument } from './documentation.ts';

const FOLDER = fileURLToPath(new URL('../../../../docs/openapi/', import.meta.url));

/** Options for a server that is only asked what its routes are: it lets nobody in. */
export function documentingOptions(): Omit<ServerOptions, 'service' | 'description'> {
  return {
    version: '1',
    logger: pino({ level: 'silent' }),
    registry: new Registry(),
    authenticator: { knows: () => false, recall: () => UNKNOWN_KEY, authenticate: async () => UNKNOWN_KEY },
    internalToken: 'no request is ever made to this server',
    now: () => 0,
  };
}

/** Writes the committed OpenAPI document of a service. */
export async function writeOpenApi(
  service: string,
  build: (options: Omit<ServerOptions, 'service' | 'description'>) => Promise<ServiceApp>,
): Promise<void> {
  const app = await build(documentingOptions());
  await mkdir(FOLDER, { recursive: true });
  await writeFile(`${FOLDER}${service}.json`, await openApiDocument(app));
  await app.close();
}
