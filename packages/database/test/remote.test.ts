// A database as hosters give it: TLS only, a pooler in transaction mode in front, an owner that is no superuser.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, makeCertificates, startEmbedded, startPgBouncer, urlFor } from '@rlaas/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { createDatabase } from '../src/database.ts';
import { hearsNotifications, isDirect } from '../src/direct-connection.ts';
import { newId } from '../src/ids.ts';
import { checkInstallation, checkNotifications } from '../src/installation-check.ts';
import { migrate } from '../src/migrate.ts';

const openssl = findProgram('openssl', 'a database that is reached over TLS');
const pgbouncer = findProgram('pgbouncer', 'a database behind a pooler');
const quiet = { log: () => undefined };
const message = async (given: string): Promise<string> =>
  (await checkInstallation({ url: given }))[0]?.message ?? '';

describe.skipIf(!openssl)('over TLS', () => {
  const certificates = openssl ? makeCertificates(openssl) : undefined;
  let server: Awaited<ReturnType<typeof startEmbedded>>;
  const url = (query: string, host = 'localhost', user = 'rlaas_app'): string =>
    `postgres://${user}:test@${host}:${server.port}/postgres${query}`;

  beforeAll(async () => {
    server = await startEmbedded({
      ssl: 'on',
      ssl_cert_file: certificates?.certificate ?? '',
      ssl_key_file: certificates?.key ?? '',
    });
    await migrate({ ownerUrl: server.superuserUrl, appUrl: url(''), ...quiet });
    // From now on nobody comes in without TLS.
    const rules = join(server.dataFolder, 'pg_hba.conf');
    writeFileSync(rules, readFileSync(rules, 'utf8').replaceAll(/^host /gm, 'hostssl '));
    await server.restart();
  });
  afterAll(async () => {
    await server.stop();
    certificates?.remove();
  });

  test('verified against the authority it works, for migrations and services', async () => {
    const query = `?sslmode=verify-full&sslrootcert=${certificates?.authority}`;
    expect(await migrate({ ownerUrl: url(query, 'localhost', 'postgres'), ...quiet })).toEqual([]);
    expect(await checkInstallation({ url: url(query) })).toEqual([]);
  });

  test('each refusal has its own message', async () => {
    expect(await message(url(''))).toContain('wants TLS. Add ?sslmode=verify-full');
    expect(await message(url('?sslmode=verify-full'))).toContain('Add &sslrootcert=');
    expect(
      await message(url(`?sslmode=verify-full&sslrootcert=${certificates?.authority}`, '127.0.0.1')),
    ).toContain('made for another host name');
  });
});

describe.skipIf(!pgbouncer)('behind a pooler in transaction mode', () => {
  let server: Awaited<ReturnType<typeof startEmbedded>>;
  let pooler: Awaited<ReturnType<typeof startPgBouncer>>;
  let pooled = '';
  let pooledOwner = '';

  beforeAll(async () => {
    server = await startEmbedded();
    const direct = urlFor(server.superuserUrl, { user: 'rlaas_app', password: 'test' });
    await migrate({ ownerUrl: server.superuserUrl, appUrl: direct, ...quiet });
    pooler = await startPgBouncer({
      program: pgbouncer ?? '',
      server: { host: '127.0.0.1', port: server.port },
      logins: { rlaas_app: 'test', postgres: server.password },
    });
    pooled = direct.replace(`:${server.port}/`, `:${pooler.port}/`);
    pooledOwner = server.superuserUrl.replace(`:${server.port}/`, `:${pooler.port}/`);
  });
  afterAll(async () => {
    await pooler.stop();
    await server.stop();
  });

  test('the installation is accepted, and LISTEN is known not to work', async () => {
    expect(await checkInstallation({ url: pooled })).toEqual([]);
    expect(await checkNotifications(pooled)).toMatchObject({ code: 'no_notifications', weight: 'note' });
    expect(await checkNotifications(pooled.replace(`:${pooler.port}/`, `:${server.port}/`))).toBeUndefined();
  });

  test('migrations are refused with the reason', async () => {
    await expect(migrate({ ownerUrl: pooledOwner, ...quiet })).rejects.toMatchObject({
      code: 'behind_pooler',
      message: expect.stringContaining('set DATABASE_OWNER_URL to Postgres itself'),
    });
  });

  test('a direct connection is told from a pooled one, and hears its notifications', async () => {
    for (const [url, direct] of [
      [server.superuserUrl, true],
      [pooledOwner, false],
    ] as const) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      expect(await isDirect(client)).toBe(direct);
      await client.end();
      expect(await hearsNotifications(url, 300)).toBe(direct);
    }
  });

  test('a superuser behind the pooler is refused as well', async () => {
    expect(await checkInstallation({ url: pooledOwner })).toMatchObject([{ code: 'login_too_mighty' }]);
  });

  test('a timeout in the URL, which poolers refuse, is explained', async () => {
    const [finding] = await checkInstallation({ url: `${pooled}?statement_timeout=1000` });
    expect(finding?.message).toMatch(/refuses a parameter of the URL.*statement_timeout/);
  });

  test('2 server connections shared by 40 transactions of 4 tenants never mix tenants', async () => {
    const database = createDatabase({
      url: pooled,
      poolMax: 10,
      applicationName: 'pooled',
      onIdleError: (error) => {
        throw error;
      },
    });
    const tenants = Array.from({ length: 4 }, () => newId(Date.now()));
    for (const id of tenants) {
      await database.transaction({ role: 'rlaas_api', tenants: [id] }, (tx) =>
        tx.query('insert into rlaas.tenants (id, slug, name) values ($1, $2, $2)', [id, `t-${id}`]),
      );
    }
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const mine = tenants[index % tenants.length] ?? '';
        const { rows } = await database.transaction(
          { role: 'rlaas_api', tenants: [mine], readOnly: true },
          async (tx) => {
            await tx.query('select pg_sleep(0.005)');
            return tx.query<{ id: string }>('select id from rlaas.tenants');
          },
        );
        expect(rows).toEqual([{ id: mine }]);
      }),
    );
    await database.close();
  });
});
