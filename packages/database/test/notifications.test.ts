import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase } from '@rlaas/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createNotifications } from '../src/notifications.ts';

const TENANT = '0190a000-0000-7000-8000-00000000000a';
const db = await createTestDatabase();

/** Naps are cut short by the signal only; a retry of ten seconds is not waited for here. */
const pause = (_ms: number, signal: AbortSignal): Promise<void> =>
  sleep(20, undefined, { signal }).catch(() => undefined);

function listening() {
  const seen = { notifications: 0, states: [] as boolean[] };
  const notifications = createNotifications({
    url: db.url,
    channel: 'rlaas_policies',
    applicationName: 'listener',
    onNotification: () => (seen.notifications += 1),
    onState: (hears) => seen.states.push(hears),
    pause,
  });
  onTestFinished(() => notifications.stop());
  notifications.start();
  return { seen, notifications };
}

test('what gateways serve is told when it is committed, and once for a transaction', async () => {
  const { seen, notifications } = listening();
  await expect.poll(() => notifications.hears, { timeout: 10_000 }).toBe(true);
  const before = seen.notifications;
  await db.sql("insert into rlaas.tenants (id, slug, name) values ($1, 'a', 'A')", [TENANT]);
  await expect.poll(() => seen.notifications).toBe(before + 1);
  await db.sql(
    `with p as (insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, 'p', '{}', 'api'))
     update rlaas.tenants set name = 'B' where id = $1`,
    [TENANT],
  );
  await expect.poll(() => seen.notifications).toBe(before + 2);
});

test('a lost connection is made again, and then it is looked at once for what was missed', async () => {
  const { seen, notifications } = listening();
  await expect.poll(() => notifications.hears, { timeout: 10_000 }).toBe(true);
  const before = seen.notifications;
  await db.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listener'");
  await expect.poll(() => seen.states, { timeout: 10_000 }).toEqual([true, false, true]);
  expect(seen.notifications).toBeGreaterThan(before);
});

test('a channel is a plain name: it stands in a statement', () => {
  expect(() =>
    createNotifications({
      url: db.url,
      channel: 'a; drop table x',
      applicationName: 'x',
      onNotification: () => undefined,
      onState: () => undefined,
      pause,
    }),
  ).toThrow('no name of a channel');
});
