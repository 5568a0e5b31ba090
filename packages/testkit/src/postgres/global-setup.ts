import { randomBytes } from 'node:crypto';
import { migrate, withOwner } from '@rlaas/database';
import type { TestProject } from 'vitest/node';
import { urlFor } from './database-url.ts';
import './provided.ts';
import { startTestPostgres } from './server.ts';

/** Once per run: a server, and a migrated template database that test files clone. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestPostgres(process.env);
  const template = `rlaas_template_${randomBytes(4).toString('hex')}`;
  const appPassword = 'test';
  try {
    await withOwner(server.superuserUrl, (client) => client.query(`create database ${template}`));
    await migrate({
      ownerUrl: urlFor(server.superuserUrl, { database: template }),
      appUrl: urlFor(server.superuserUrl, { database: template, user: 'rlaas_test', password: appPassword }),
      log: () => undefined,
    });
    await withOwner(server.superuserUrl, (client) =>
      // On a server that is used again, the login is there already, maybe with another password.
      client.query(`alter role rlaas_test password '${appPassword}'`),
    );
  } catch (error) {
    await server.stop();
    throw error;
  }
  console.log(`tests of "${project.name}" run on ${server.description}`);
  project.provide('postgres', { superuserUrl: server.superuserUrl, template, appPassword });
  return async () => {
    await withOwner(server.superuserUrl, (client) =>
      client.query(`drop database if exists ${template} with (force)`),
    );
    await server.stop();
  };
}
