// The services on a database as hosters give it: behind a pooler in transaction mode; and their refusal to start with a
// login that row-level security would not bind.
import { existsSync } from 'node:fs';
import { SEED_API_KEY } from '@rlaas/schemas';
import { findProgram, startEmbedded, startPgBouncer, urlFor } from '@rlaas/testkit';
import { expect, test } from 'vitest';
import { ask, interrupt, makePlace, startDev } from './dev-stack.ts';

const linux = existsSync('/proc/self/environ');
const pgbouncer = linux ? findProgram('pgbouncer', 'services behind a pooler') : undefined;

test.skipIf(!pgbouncer)('everything works through a pooler that shares two connections', async () => {
  const server = await startEmbedded();
  const pooler = await startPgBouncer({
    program: pgbouncer ?? '',
    server: { host: '127.0.0.1', port: server.port },
    logins: { rlaas_app: 'test' },
  });
  const direct = urlFor(server.superuserUrl, { user: 'rlaas_app', password: 'test' });
  const here = await makePlace({
    // The login is made by the migration, so the pooler knows it before the server does.
    DATABASE_URL: direct.replace(`:${server.port}/`, `:${pooler.port}/`),
    DATABASE_OWNER_URL: server.superuserUrl,
  });
  const stack = startDev(here);
  try {
    await stack.ready;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        ask(`${here.origin}${index % 2 ? '/v1/policies' : '/v1/api-keys'}`, { key: SEED_API_KEY }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const created = await ask(`${here.origin}/v1/api-keys`, {
      key: SEED_API_KEY,
      method: 'POST',
      body: { name: 'pooled', scopes: ['policies:read'] },
    });
    expect(created.status).toBe(201);
  } finally {
    await interrupt(stack);
    await pooler.stop();
    await server.stop();
    await here.remove();
  }
});

test.skipIf(!linux)('a login that is a superuser is refused before anything is served', async () => {
  const server = await startEmbedded();
  const here = await makePlace({
    DATABASE_URL: server.superuserUrl,
    DATABASE_OWNER_URL: server.superuserUrl,
  });
  try {
    const stack = startDev(here);
    expect(await stack.ended).toMatchObject({ code: 17 });
    expect(stack.output()).toContain('is a superuser, so tenants would not be kept apart');
  } finally {
    await server.stop();
    await here.remove();
  }
});
