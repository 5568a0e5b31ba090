import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { accountForPostgres, freePort } from '@rlaas/database/embedded';

export interface Pooler {
  port: number;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer in transaction mode in front of a server.
 * @param options.logins users that may pass, with their passwords
 */
export async function startPgBouncer(options: {
  program: string;
  server: { host: string; port: number };
  logins: Record<string, string>;
  poolSize?: number;
}): Promise<Pooler> {
  const folder = join(tmpdir(), `rlaas-pooler-${randomBytes(6).toString('hex')}`);
  mkdirSync(folder, { mode: 0o755 });
  const port = await freePort();
  const users = join(folder, 'users.txt');
  const settings = join(folder, 'pgbouncer.ini');
  writeFileSync(
    users,
    Object.entries(options.logins)
      .map(([user, password]) => `"${user}" "${password}"`)
      .join('\n'),
  );
  writeFileSync(
    settings,
    `[databases]
* = host=${options.server.host} port=${options.server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${options.poolSize ?? 2}
server_lifetime = 60
`,
  );
  const account = accountForPostgres();
  if (account) for (const path of [folder, users, settings]) chownSync(path, account.uid, account.gid);
  const output: string[] = [];
  const child = spawn(options.program, [settings], { ...account, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let tries = 0; !(await accepts(port)); tries += 1) {
    if (child.exitCode !== null || tries > 100)
      throw new Error(`PgBouncer did not start:\n${output.join('')}`);
    await sleep(50);
  }
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
