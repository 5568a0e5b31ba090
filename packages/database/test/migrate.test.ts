import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestDatabase, urlFor } from '@rlaas/testkit';
import { describe, expect, test } from 'vitest';
import { SQL_FOLDER, migrationNames } from '../src/files.ts';
import { initSql } from '../src/init-sql.ts';
import { migrate, seed, withOwner } from '../src/migrate.ts';
import { catalogue } from './catalogue.ts';

const template = await createTestDatabase();
const raced = await createTestDatabase({ empty: true });
const byFile = await createTestDatabase({ empty: true });
const broken = await createTestDatabase({ empty: true });
const seeded = await createTestDatabase();
const modest = await createTestDatabase({ empty: true });
const quiet = { log: () => undefined };

describe('migrate', () => {
  test('four processes racing to migrate all succeed, and each migration is there once', async () => {
    const script = fileURLToPath(new URL('./migrate-once.ts', import.meta.url));
    const run = promisify(execFile);
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, [script, raced.ownerUrl])),
    );
    const counts = outcomes.map((outcome) => (JSON.parse(outcome.stdout) as string[]).length);
    const all = await migrationNames();
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 0, all.length]);
    expect(await catalogue(raced.ownerUrl)).toEqual(await catalogue(template.ownerUrl));
  });

  test('a second migration changes nothing', async () => {
    const before = await catalogue(template.ownerUrl);
    expect(before.length).toBeGreaterThan(50);
    expect(await migrate({ ownerUrl: template.ownerUrl, ...quiet })).toEqual([]);
    expect(await catalogue(template.ownerUrl)).toEqual(before);
  });

  test('init.sql makes the same database as the migrations, and migrate goes on from it', async () => {
    await withOwner(byFile.ownerUrl, async (client) => client.query(await initSql()));
    expect(await catalogue(byFile.ownerUrl)).toEqual(await catalogue(template.ownerUrl));
    expect(await migrate({ ownerUrl: byFile.ownerUrl, ...quiet })).toEqual([]);
  });

  test('the committed init.sql is fresh', async () => {
    expect(await readFile(`${SQL_FOLDER}init.sql`, 'utf8')).toBe(await initSql());
  });

  test('a failed migration leaves nothing behind, not even those before it in the same run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rlaas-migrations-'));
    await writeFile(join(folder, '0001_good.sql'), 'create table rlaas.good (id int);');
    await writeFile(
      join(folder, '0002_bad.sql'),
      'create table rlaas.bad (id int); select no_such_function();',
    );
    await expect(migrate({ ownerUrl: broken.ownerUrl, folder, ...quiet })).rejects.toMatchObject({
      code: 'migration_failed',
      message: expect.stringContaining('no_such_function'),
    });
    const left = await broken.sql(
      "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'rlaas' and relname in ('good', 'bad')",
    );
    expect(left).toEqual([]);
    // And the lock is free again: the next run gets through.
    await writeFile(join(folder, '0002_bad.sql'), 'create table rlaas.bad (id int);');
    expect(await migrate({ ownerUrl: broken.ownerUrl, folder, ...quiet })).toEqual(['0001_good', '0002_bad']);
    await rm(folder, { recursive: true });
  });

  test('seeding twice leaves one tenant, one key, one policy and one version in shadow', async () => {
    await seed({ ownerUrl: seeded.ownerUrl });
    await seed({ ownerUrl: seeded.ownerUrl });
    expect(await seeded.sql('select slug from rlaas.tenants')).toEqual([{ slug: 'acme-support' }]);
    expect(await seeded.sql('select prefix, scopes from rlaas.api_keys')).toEqual([
      { prefix: 'acme-support-key', scopes: ['admin'] },
    ]);
    expect(await seeded.sql('select policy, name, status from rlaas.policy_versions')).toEqual([
      { policy: 'support-draft', name: 'support-draft-v0', status: 'shadow' },
    ]);
  });

  test('an owner that is no superuser may migrate its own database, as with a hosted Postgres', async () => {
    await modest.sql(
      `do $$ begin create role hosted_owner login createrole password 'test'; exception when duplicate_object then null; end $$`,
    );
    await modest.sql(`alter database ${modest.name} owner to hosted_owner`);
    await modest.sql('grant rlaas_owner, rlaas_api, rlaas_worker to hosted_owner with admin option');
    const ownerUrl = urlFor(modest.ownerUrl, { user: 'hosted_owner', password: 'test' });
    expect(await migrate({ ownerUrl, ...quiet })).toEqual(await migrationNames());
  });

  test('a login without the rights is told what an administrator must run', async () => {
    await modest.sql(
      `do $$ begin create role nobody_special login password 'test'; exception when duplicate_object then null; end $$`,
    );
    const ownerUrl = urlFor(modest.ownerUrl, { user: 'nobody_special', password: 'test' });
    await expect(migrate({ ownerUrl, ...quiet })).rejects.toMatchObject({
      code: 'roles_missing',
      message: expect.stringContaining('grant rlaas_owner to'),
    });
  });

  test('a server that is not there is named in the message', async () => {
    await expect(migrate({ ownerUrl: 'postgres://me:secret@127.0.0.1:1/x', ...quiet })).rejects.toMatchObject(
      {
        code: 'unreachable',
        message: expect.stringMatching(/^Nothing listens at postgres:\/\/me:\*\*\*@127\.0\.0\.1:1\/x/),
      },
    );
  });
});
