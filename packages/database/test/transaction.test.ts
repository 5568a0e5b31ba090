import { createTestDatabase, startProxy, urlFor } from '@rlaas/testkit';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, createDatabase } from '../src/database.ts';
import { newId } from '../src/ids.ts';

const db = await createTestDatabase();
const target = new URL(db.url);
const proxy = await startProxy({ host: target.hostname, port: Number(target.port) });
const proxied = new URL(db.url);
proxied.host = `127.0.0.1:${proxy.port}`;
const pauses: number[] = [];
const open = (url: string): Database =>
  createDatabase({
    url,
    poolMax: 4,
    applicationName: 'transaction',
    onIdleError: () => undefined,
    pause: async (ms) => void pauses.push(ms),
  });
const direct = open(db.url);
const through = open(proxied.toString());
const tenant = newId(Date.now());
const asTenant = { role: 'rlaas_api' as const, tenants: [tenant] };

await db.sql(`insert into rlaas.tenants (id, slug, name) values ('${tenant}', 't', 't')`);
const insert = `insert into rlaas.policies (tenant_id, name, configuration, source) values ('${tenant}', $1, '{}', 'api') on conflict do nothing`;
const names = async (): Promise<string[]> =>
  (await db.sql<{ name: string }>('select name from rlaas.policies order by name')).map((row) => row.name);

beforeEach(async () => {
  pauses.length = 0;
  await db.sql('delete from rlaas.policies');
});
afterAll(async () => {
  await Promise.all([direct.close(), through.close()]);
  await proxy.close();
});

describe('transaction', () => {
  test('an error of the work rolls everything back and is passed on', async () => {
    await expect(
      direct.transaction(asTenant, async (tx) => {
        await tx.query(insert, ['a']);
        throw new RangeError('mine');
      }),
    ).rejects.toThrow(RangeError);
    expect(await names()).toEqual([]);
  });

  test('a failed statement whose error was swallowed does not pass as stored', async () => {
    await expect(
      direct.transaction(asTenant, async (tx) => {
        await tx.query(insert, ['a']);
        await tx.query('select no_such_thing').catch(() => undefined);
      }),
    ).rejects.toThrow('rolled back');
    expect(await names()).toEqual([]);
  });

  test('two that deadlock both succeed in the end', async () => {
    await direct.transaction(asTenant, async (tx) => {
      await tx.query(insert, ['a']);
      await tx.query(insert, ['b']);
    });
    const met = Promise.withResolvers<void>();
    let arrived = 0;
    let runs = 0;
    const update = (first: string, second: string) =>
      direct.transaction(asTenant, async (tx) => {
        runs += 1;
        await tx.query('update rlaas.policies set updated_at = now() where name = $1', [first]);
        arrived += 1;
        if (arrived === 2) met.resolve();
        await met.promise;
        await tx.query('update rlaas.policies set updated_at = now() where name = $1', [second]);
      });
    await Promise.all([update('a', 'b'), update('b', 'a')]);
    expect(runs).toBe(3);
    expect(pauses).toHaveLength(1);
  });

  test('a connection lost before COMMIT is tried again: stored once', async () => {
    proxy.cutOn('into rlaas.policies', 'after');
    await through.transaction(asTenant, (tx) => tx.query(insert, ['a']));
    expect(pauses).toHaveLength(1);
    expect(await names()).toEqual(['a']);
  });

  test('a COMMIT whose answer was lost is reported as unknown, and it was stored', async () => {
    proxy.cutOn('commit\0', 'after');
    await expect(through.transaction(asTenant, (tx) => tx.query(insert, ['a']))).rejects.toMatchObject({
      code: 'commit_unknown',
    });
    await expect.poll(names).toEqual(['a']);
  });

  test('a COMMIT that never arrived is reported as unknown too, and it was not stored', async () => {
    proxy.cutOn('commit\0', 'before');
    await expect(through.transaction(asTenant, (tx) => tx.query(insert, ['a']))).rejects.toMatchObject({
      code: 'commit_unknown',
    });
    expect(await names()).toEqual([]);
  });

  test('an idempotent one is repeated over a lost COMMIT, whichever way it was lost', async () => {
    for (const when of ['before', 'after'] as const) {
      proxy.cutOn('commit\0', when);
      await through.transaction({ ...asTenant, idempotent: true }, (tx) => tx.query(insert, [when]));
    }
    expect(await names()).toEqual(['after', 'before']);
  });

  test('a server that stays away is one error, at once', async () => {
    const away = open(urlFor(db.url, {}).replace(`:${target.port}`, ':1'));
    await expect(away.transaction(asTenant, (tx) => tx.query('select 1'))).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    expect(pauses).toEqual([]);
    await away.close();
  });

  test('a connection that died without a word is given up, and the transaction done on another one', async () => {
    await through.transaction(asTenant, (tx) => tx.query('select 1'));
    proxy.muteAll();
    const startedAt = Date.now();
    await through.transaction({ ...asTenant, statementTimeoutMs: 100 }, (tx) => tx.query(insert, ['a']));
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(await names()).toEqual(['a']);
  });

  test('a statement that takes too long ends with the limit of its own transaction', async () => {
    await expect(
      direct.transaction({ ...asTenant, statementTimeoutMs: 50 }, (tx) => tx.query('select pg_sleep(5)')),
    ).rejects.toMatchObject({ code: '57014' });
    const { rows } = await direct.transaction(asTenant, (tx) => tx.query('show statement_timeout'));
    expect(rows).toEqual([{ statement_timeout: '10s' }]);
  });

  test('the last statement is committed with what came before it, and nothing may follow', async () => {
    await direct.transaction(asTenant, async (tx) => {
      await tx.query(insert, ['a']);
      await tx.last(insert, ['b']);
    });
    expect(await names()).toEqual(['a', 'b']);
    await expect(
      direct.transaction(asTenant, async (tx) => {
        await tx.last(insert, ['c']);
        await tx.query(insert, ['d']);
      }),
    ).rejects.toThrow('after the last one');
  });

  test('a last statement that fails rolls everything back, and its error is told', async () => {
    await expect(
      direct.transaction(asTenant, async (tx) => {
        await tx.query(insert, ['a']);
        await tx.last('select 1 / 0');
      }),
    ).rejects.toMatchObject({ code: '22012' });
    expect(await names()).toEqual([]);
    // The connection is of use for the next one.
    await direct.transaction(asTenant, (tx) => tx.last(insert, ['b']));
    expect(await names()).toEqual(['b']);
  });

  test('a connection that is cut around a last statement: unknown, never told as stored', async () => {
    for (const when of ['before', 'after'] as const) {
      proxy.cutOn('commit\0', when);
      await expect(through.transaction(asTenant, (tx) => tx.last(insert, [when]))).rejects.toMatchObject({
        code: 'commit_unknown',
      });
    }
    expect(await names()).toEqual(['after']);
  });

  test('what is told as stored was flushed, also on a server that would not wait; a stricter one stays', async () => {
    const setting = async (of: string): Promise<unknown> => {
      await db.sql(`alter database ${db.name} set synchronous_commit = ${of}`);
      const fresh = createDatabase({
        url: db.url,
        poolMax: 1,
        applicationName: 'flush',
        onIdleError: () => undefined,
      });
      const { rows } = await fresh.transaction(asTenant, (tx) => tx.query('show synchronous_commit'));
      await fresh.close();
      return rows[0]?.['synchronous_commit'];
    };
    expect(await setting('off')).toBe('on');
    expect(await setting('local')).toBe('on');
    expect(await setting('remote_apply')).toBe('remote_apply');
    await db.sql(`alter database ${db.name} reset synchronous_commit`);
  });
});
