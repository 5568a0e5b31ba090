import { createTestDatabase, urlFor } from '@rlaas/testkit';
import { expect, test } from 'vitest';
import { createDatabase } from '../src/database.ts';
import { checkInstallation } from '../src/installation-check.ts';
import { databaseReadiness } from '../src/readiness.ts';

const db = await createTestDatabase();
const empty = await createTestDatabase({ empty: true });
const login = async (name: string, rights: string): Promise<string> => {
  await db.sql(
    `do $$ begin create role ${name} login password 'test' ${rights}; exception when duplicate_object then null; end $$`,
  );
  return urlFor(db.url, { user: name, password: 'test' });
};

test('the login of the services is accepted', async () => {
  expect(await checkInstallation({ url: db.url })).toEqual([]);
});

test('a superuser is refused, with how to mend it', async () => {
  const [finding] = await checkInstallation({ url: db.ownerUrl });
  expect(finding).toMatchObject({ code: 'login_too_mighty', weight: 'refuse' });
  expect(finding?.message).toMatch(/is a superuser.*create role rlaas_app login/);
});

test('a login that may bypass row-level security is refused, with the statement that mends it', async () => {
  const url = await login('test_bypass', 'bypassrls in role rlaas_api, rlaas_worker');
  const [finding] = await checkInstallation({ url });
  expect(finding).toMatchObject({ code: 'login_too_mighty', weight: 'refuse' });
  expect(finding?.message).toContain('alter role "test_bypass" nobypassrls;');
  await db.sql('alter role "test_bypass" nobypassrls');
  expect(await checkInstallation({ url })).toEqual([]);
});

test('a login that may act as a role with such rights is refused as well, as hosters like to make them', async () => {
  await db.sql(
    `do $$ begin create role test_hoster_superuser nologin bypassrls; exception when duplicate_object then null; end $$`,
  );
  const url = await login('test_member', 'in role test_hoster_superuser, rlaas_api, rlaas_worker');
  const [finding] = await checkInstallation({ url });
  expect(finding).toMatchObject({ code: 'login_too_mighty', weight: 'refuse' });
  expect(finding?.message).toContain('test_hoster_superuser');
});

test('a member of the owner is refused', async () => {
  const url = await login('test_owner', 'in role rlaas_owner, rlaas_api, rlaas_worker');
  expect(await checkInstallation({ url })).toMatchObject([{ code: 'login_too_mighty', weight: 'refuse' }]);
});

test('a login that lacks a role is refused, with the grant that mends it', async () => {
  const url = await login('test_weak', 'in role rlaas_api');
  const [finding] = await checkInstallation({ url });
  expect(finding).toMatchObject({ code: 'login_too_weak', weight: 'refuse' });
  expect(finding?.message).toContain('grant rlaas_worker to "test_weak";');
});

test('a database that was never migrated is waited for', async () => {
  expect(await checkInstallation({ url: empty.url })).toMatchObject([
    { code: 'not_migrated', weight: 'wait', message: expect.stringContaining('rlaas migrate') },
  ]);
});

test('a server that is not there, and a wrong password, are told apart', async () => {
  expect(await checkInstallation({ url: 'postgres://a:b@127.0.0.1:1/x' })).toMatchObject([
    { code: 'unreachable', message: expect.stringContaining('Nothing listens at') },
  ]);
  expect(await checkInstallation({ url: urlFor(db.url, { password: 'wrong' }) })).toMatchObject([
    { code: 'unreachable', message: expect.stringContaining('refuses user and password') },
  ]);
  expect(await checkInstallation({ url: urlFor(db.url, { database: 'no_such_db' }) })).toMatchObject([
    { code: 'unreachable', message: expect.stringContaining('does not exist') },
  ]);
});

test('readiness passes with a good login; a mighty one is a reason to end', async () => {
  const open = (url: string) =>
    createDatabase({ url, poolMax: 1, applicationName: 'ready', onIdleError: () => undefined });
  const [good, mighty, away] = [open(db.url), open(db.ownerUrl), open('postgres://a:b@127.0.0.1:1/x')];
  const ready = databaseReadiness({ database: good, url: db.url });
  expect(await ready()).toEqual({ ok: true });
  expect(await ready()).toEqual({ ok: true });
  await expect(databaseReadiness({ database: mighty, url: db.ownerUrl })()).rejects.toMatchObject({
    exitCode: 78,
  });
  const message = (await databaseReadiness({
    database: away,
    url: 'postgres://a:b@127.0.0.1:1/x',
  })()) as object;
  // Strangers can ask for it: neither host nor user is told.
  expect(message).toEqual({
    ok: false,
    message: expect.stringContaining('Nothing listens at the address of DATABASE_URL'),
  });
  await Promise.all([good.close(), mighty.close(), away.close()]);
});
