import { createHash } from 'node:crypto';
import { createTestDatabase, urlFor } from '@rlaas/testkit';
import { describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const db = await createTestDatabase({ empty: true });
const known = { DATABASE_URL: db.url, DATABASE_OWNER_URL: db.ownerUrl };
const hashes = async (): Promise<string[]> =>
  (await db.sql<{ hash: Buffer }>('select hash from rlaas.api_keys')).map((row) => row.hash.toString('hex'));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('migrate and seed', () => {
  test('an empty database is migrated, then found up to date, then seeded', async () => {
    expect(await runCli(['migrate'], known)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Ran 0001_'),
    });
    expect(await runCli(['migrate'], known)).toMatchObject({
      code: 0,
      stdout: 'The database is up to date.\n',
    });
    expect(await runCli(['seed'], known)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('acme-support-key'),
    });
    expect(await hashes()).toEqual([sha256('acme-support-key')]);
  });

  test('nothing is seeded in production', async () => {
    const ended = await runCli(['seed'], { ...known, RLAAS_ENV: 'production' });
    expect(ended).toMatchObject({ code: 78, stderr: expect.stringContaining('RLAAS_ENV is production') });
  });

  test('without the owner it says which variable is missing', async () => {
    const ended = await runCli(['migrate'], { DATABASE_URL: db.url });
    expect(ended).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('DATABASE_OWNER_URL is not set'),
    });
  });

  test('a server that is not there has its own exit code, and the password is not shown', async () => {
    const ended = await runCli(['migrate'], { DATABASE_OWNER_URL: 'postgres://me:hush@127.0.0.1:1/x' });
    expect(ended).toMatchObject({ code: 14, stderr: expect.stringContaining('Nothing listens at') });
    expect(ended.stderr).not.toContain('hush');
  });

  test('a server that is too old is refused', async () => {
    // There is no old server to be had, so this one is made to lie about its version to one login.
    const ownerUrl = urlFor(db.ownerUrl, { user: 'test_old_server', password: 'test' });
    await db.sql(
      `do $$ begin create role test_old_server login superuser password 'test'; exception when duplicate_object then null; end $$`,
    );
    await db.sql('create schema lies');
    await db.sql(
      `create function lies.current_setting(text) returns text language sql as $$ select '140010' $$`,
    );
    await db.sql('alter role test_old_server set search_path = lies, pg_catalog');
    const ended = await runCli(['migrate'], { DATABASE_OWNER_URL: ownerUrl });
    await db.sql('drop schema lies cascade');
    await db.sql('drop role test_old_server');
    expect(ended).toMatchObject({
      code: 12,
      stderr: expect.stringContaining('This is Postgres 14; RLaaS needs 15'),
    });
  });
});

describe('key', () => {
  test('create prints a key that is stored by its hash; list, rotate and revoke follow it', async () => {
    const created = await runCli(
      [
        'key',
        'create',
        '--tenant',
        'acme-support',
        '--name',
        'shop',
        '--scope',
        'decide,events:write',
        '--expires',
        '90d',
      ],
      known,
    );
    expect(created.code).toBe(0);
    const [key = '', about = ''] = created.stdout.split('\n');
    expect(key).toMatch(/^rlk_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}$/);
    expect(await hashes()).toContain(sha256(key));
    const id = /id (\S+),/.exec(about)?.[1] ?? '';

    const rotated = await runCli(['key', 'rotate', id, '--tenant', 'acme-support', '--grace', '1h'], known);
    expect(rotated).toMatchObject({ code: 0, stdout: expect.stringContaining('The old key works until') });
    const revoked = await runCli(['key', 'revoke', id, '--tenant', 'acme-support'], known);
    expect(revoked).toMatchObject({ code: 0, stdout: expect.stringContaining('refuse it within 5 s') });
    const listed = await runCli(['key', 'list', '--tenant', 'acme-support'], known);
    expect(listed.stdout).toMatch(new RegExp(`${id} .*shop.*revoked`));
    expect(listed.stdout).not.toContain(key);
  });

  test('an operator key needs no tenant', async () => {
    const created = await runCli(['key', 'create', '--operator', '--name', 'ops'], known);
    expect(created.code).toBe(0);
    expect(await db.sql("select name from rlaas.api_keys where kind = 'operator'")).toEqual([
      { name: 'ops' },
    ]);
  });

  test('mistakes are named, with the exit code of wrong usage', async () => {
    const common = ['key', 'create', '--tenant', 'acme-support', '--name', 'x'];
    expect(await runCli([...common, '--scope', 'everything'], known)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('scopes.0'),
    });
    expect(await runCli([...common, '--kind', 'publishable', '--scope', 'decide'], known)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('needs at least one allowed origin'),
    });
    expect(await runCli(['key', 'create', '--scope', 'decide', '--name', 'x'], known)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--tenant <slug>'),
    });
    expect(await runCli(['key', 'list', '--tenant', 'nobody'], known)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no tenant "nobody"'),
    });
    expect((await runCli(['nonsense'], known)).code).toBe(2);
  });
});
