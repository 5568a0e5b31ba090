import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { SEED_API_KEY } from '@rlaas/schemas';
import { afterAll, describe, expect, test } from 'vitest';
import { type Place, ask, interrupt, makePlace, processesOf, serviceProcess, startDev } from './dev-stack.ts';

const linux = existsSync('/proc/self/environ');
if (!linux) console.warn('skipped: looking for leftover processes: this machine has no /proc');
const places: Place[] = [];
const place = async (extra?: Record<string, string>): Promise<Place> => {
  const made = await makePlace(extra);
  places.push(made);
  return made;
};
afterAll(async () => {
  for (const made of places) await made.remove();
});

describe.skipIf(!linux)('rlaas dev', () => {
  test('comes up, answers through the public origin, and Ctrl-C leaves no process', async () => {
    const here = await place();
    const stack = startDev(here);
    await stack.ready;
    expect(stack.output()).toContain(`${here.origin}/docs`);
    expect(stack.output()).toContain(SEED_API_KEY);
    for (const name of ['GATEWAY', 'COLLECTOR', 'REWARD', 'TRAINER']) {
      const base = `http://127.0.0.1:${here.environment[`${name}_PORT`]}`;
      expect((await fetch(`${base}/readyz`)).status, name).toBe(200);
      expect((await fetch(`${base}/docs`)).status, name).toBe(200);
      const metrics = await fetch(`http://127.0.0.1:${here.environment[`${name}_METRICS_PORT`]}/metrics`);
      expect(await metrics.text()).toContain(`rlaas_${name.toLowerCase()}_http_request_duration_seconds`);
    }
    expect(
      await ask(`${here.origin}/v1/policies/support-draft/versions`, { key: SEED_API_KEY }),
    ).toMatchObject({
      status: 200,
      body: { items: [{ name: 'support-draft-v0', status: 'shadow' }], next_cursor: null },
    });
    expect(processesOf(here).length).toBeGreaterThanOrEqual(7);
    expect(await interrupt(stack)).toEqual({ code: 0, signal: null });
    expect(processesOf(here)).toEqual([]);
  });

  test('kill -9: everything it started ends by itself; a new start finds the data; --fresh forgets them', async () => {
    const here = await place();
    const first = startDev(here);
    await first.ready;
    const created = await ask(`${here.origin}/v1/api-keys`, {
      key: SEED_API_KEY,
      method: 'POST',
      body: { name: 'survivor', scopes: ['policies:read'] },
    });
    expect(created.status).toBe(201);
    const key = String(created.body['key']);
    first.child.kill('SIGKILL');
    await first.ended;
    await expect.poll(() => processesOf(here), { timeout: 30_000 }).toEqual([]);

    const second = startDev(here);
    await second.ready;
    expect((await ask(`${here.origin}/v1/policies`, { key })).status).toBe(200);
    // At once after a kill as well, while the leftovers of the first are still there.
    second.child.kill('SIGKILL');
    await second.ended;
    const third = startDev(here, ['--fresh']);
    await third.ready;
    expect(await ask(`${here.origin}/v1/policies`, { key })).toMatchObject({
      status: 401,
      body: { code: 'invalid_key' },
    });
    await interrupt(third);
    expect(processesOf(here)).toEqual([]);
  });

  test('a service that is killed comes back; a second start in the same folder is refused', async () => {
    const here = await place();
    const stack = startDev(here);
    await stack.ready;
    const other = { ...here, environment: { ...here.environment } };
    expect(await startDev(other).ended).toMatchObject({ code: 16 });
    process.kill(serviceProcess(here, 'trainer'), 'SIGKILL');
    await expect
      .poll(async () => (await ask(`${here.origin}/v1/policies`, { key: SEED_API_KEY })).status, {
        timeout: 20_000,
      })
      .not.toBe(200);
    await expect
      .poll(async () => (await ask(`${here.origin}/v1/policies`, { key: SEED_API_KEY })).status, {
        timeout: 20_000,
      })
      .toBe(200);
    await interrupt(stack);
    expect(processesOf(here)).toEqual([]);
  });
});

describe('rlaas dev refuses', () => {
  test('a port in use, with all of them named', async () => {
    const here = await place();
    const taken = createServer().listen(Number(here.environment['REWARD_PORT']), '127.0.0.1');
    const stack = startDev(here);
    expect(await stack.ended).toMatchObject({ code: 10 });
    taken.close();
    expect(stack.output()).toContain(`${here.environment['REWARD_PORT']} of the reward (REWARD_PORT)`);
  });

  test('data that another version of Postgres wrote', async () => {
    const here = await place();
    const folder = join(here.state, 'postgres');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'PG_VERSION'), '14\n');
    const stack = startDev(here);
    expect(await stack.ended).toMatchObject({ code: 12 });
    expect(stack.output()).toContain('was written by Postgres 14');
  });

  test('a misspelt variable, before anything is started', async () => {
    const here = await place({ RLAAS_ENVV: 'local' });
    const stack = startDev(here);
    expect(await stack.ended).toMatchObject({ code: 78 });
    expect(stack.output()).toContain('did you mean RLAAS_ENV?');
  });

  test('what is no port', async () => {
    const here = await place();
    const stack = startDev({ ...here, environment: { ...here.environment, GATEWAY_PORT: 'abc' } });
    expect(await stack.ended).toMatchObject({ code: 78 });
    expect(stack.output()).toContain('GATEWAY_PORT must be a port from 1 to 65535, not "abc".');
  });

  test('a full disk', async ({ skip }) => {
    const here = await place();
    mkdirSync(here.state, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0755', 'tmpfs', here.state], {
        stdio: 'pipe',
      });
    } catch {
      skip('a small file system can be mounted by root only');
    }
    try {
      const stack = startDev(here);
      expect(await stack.ended, stack.output()).toMatchObject({ code: 11 });
      expect(stack.output()).toMatch(/disk .*full/);
    } finally {
      execFileSync('umount', [here.state]);
    }
  });
});
