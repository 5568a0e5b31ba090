import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestDatabase } from '@rlaas/testkit';
import { freePort } from '@rlaas/database/embedded';
import { describe, expect, test } from 'vitest';
import { doctorCommand } from '../src/commands/doctor.ts';
import { runCli } from './run-cli.ts';

const db = await createTestDatabase();
const empty = await createTestDatabase({ empty: true });
const ports: Record<string, string> = {};
for (const name of ['GATEWAY', 'COLLECTOR', 'REWARD', 'TRAINER'])
  ports[`${name}_PORT`] = String(await freePort());

describe('doctor', () => {
  test('a good machine with a good database has nothing wrong', async () => {
    const ended = await runCli(['doctor'], { ...ports, DATABASE_URL: db.url });
    expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('Nothing is wrong.');
  });

  test('a port in use is named, with the variable that moves it', async () => {
    const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const ended = await runCli(['doctor'], { ...ports, COLLECTOR_PORT: String(port) });
    other.close();
    expect(ended.code).toBe(10);
    expect(ended.stdout).toMatch(new RegExp(`port ${port} +wrong .*set COLLECTOR_PORT`));
  });

  test('a full disk is told before anything is written', async () => {
    const lines: string[] = [];
    const context = {
      environment: ports,
      root: process.cwd(),
      print: (line: string) => void lines.push(line),
      now: Date.now,
      user: 'test',
    };
    await expect(doctorCommand(context, {}, () => 50 * 1024 * 1024)).rejects.toMatchObject({ exitCode: 11 });
    expect(lines.join('\n')).toMatch(/disk +wrong +50 MiB free/);
  });

  test('Docker that is not there is a note, and wrong when it was asked for', async () => {
    const environment = { ...ports, PATH: '/nowhere' };
    expect(await runCli(['doctor'], environment)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Docker +note .*"make dev" does not/),
    });
    expect(await runCli(['doctor', '--docker'], environment)).toMatchObject({ code: 13 });
  });

  test('a database that is away, not migrated, or reached with too many rights is explained', async () => {
    expect(
      await runCli(['doctor'], { ...ports, DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' }),
    ).toMatchObject({
      code: 14,
      stdout: expect.stringContaining('Nothing listens at'),
    });
    expect(await runCli(['doctor'], { ...ports, DATABASE_URL: empty.url })).toMatchObject({
      code: 17,
      stdout: expect.stringContaining('Run "rlaas migrate"'),
    });
    expect(await runCli(['doctor'], { ...ports, DATABASE_URL: db.ownerUrl })).toMatchObject({
      code: 17,
      stdout: expect.stringContaining('is a superuser'),
    });
  });

  test('a misspelt variable is named', async () => {
    const ended = await runCli(['doctor'], { ...ports, RLAAS_ENVV: 'production' });
    expect(ended).toMatchObject({ code: 78, stdout: expect.stringContaining('did you mean RLAAS_ENV?') });
  });
});
