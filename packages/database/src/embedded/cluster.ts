import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { codeOf } from '../database-error.ts';
import { type Account, accountForPostgres } from './account.ts';
import { findBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { stopLeftover } from './leftover.ts';
import { placeBinaries, placeData } from './placement.ts';

export interface ClusterOptions {
  /** Wanted data folder; see `placeData` for where it really is. */
  dataFolder: string;
  /** Port on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** Password of the superuser `postgres`. The first start sets it; later ones must give the same. */
  password: string;
  /** Settings of the server, as in postgresql.conf. */
  settings?: Record<string, string>;
}

export interface Cluster {
  /** Connection of the superuser to the database `postgres`. */
  url: string;
  port: number;
  dataFolder: string;
  logFile: string;
  /** Process id of the server. */
  pid: number;
  /** Settles when the server ends by itself. */
  ended: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, data are flushed. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/**
 * Starts a Postgres server as a child of this process: makes the data folder on first use, ends a leftover server on
 * the same folder, and returns when connections are answered.
 * @throws EmbeddedPostgresError with what to do
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const account = accountForPostgres();
  const binaries = findBinaries();
  const root = placeBinaries(binaries, account);
  const dataFolder = placeData(options.dataFolder, account);
  // Beside the folder, not in it: the first start wants it empty.
  const logFile = `${dataFolder}.log`;
  await stopLeftover(dataFolder);
  if (!existsSync(join(dataFolder, 'PG_VERSION'))) {
    await initialise({ root, dataFolder, password: options.password, account });
  }
  const found = readFileSync(join(dataFolder, 'PG_VERSION'), 'utf8').trim();
  const major = binaries.version.split('.')[0];
  if (found !== major) {
    throw new EmbeddedPostgresError(
      'data_of_other_version',
      `${dataFolder} was written by Postgres ${found}; this one is ${major}. Use "rlaas dev --fresh" to start with new data, or run the old release to export them.`,
    );
  }
  const port = options.port === 0 ? await freePort() : options.port;
  const log = openSync(logFile, 'a', 0o600);
  const flags = Object.entries({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...options.settings,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(root, 'bin', 'postgres'), ['-D', dataFolder, '-p', String(port), ...flags], {
    ...account,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const url = `postgres://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`;
  await untilAnswering(child, url, logFile, port);
  let stopping: Promise<void> | undefined;
  return {
    url,
    port,
    dataFolder,
    logFile,
    pid: child.pid ?? 0,
    ended,
    stop: () => (stopping ??= stopChild(child, ended)),
  };
}

/** Below those that systems give to connections, which could take one before somebody listens on it. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
/** Each process begins elsewhere: of two that ask at the same time, both would find the same one free. */
const PORTS_OF_PROCESS = 61;
let portsGiven = 0;

/**
 * A port on 127.0.0.1 that nothing listens on now, and that this process was not given before.
 * @throws Error when there is none
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS; tried += 1) {
    const port = FIRST_PORT + ((process.pid * PORTS_OF_PROCESS + portsGiven) % PORTS);
    portsGiven += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST_PORT} to ${FIRST_PORT + PORTS} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function initialise(given: {
  root: string;
  dataFolder: string;
  password: string;
  account: Account | undefined;
}): Promise<void> {
  const { root, dataFolder, password, account } = given;
  // initdb reads the password from a file, so that it shows in no process list.
  const passwordFile = `${dataFolder}.${randomBytes(6).toString('hex')}`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  try {
    const output: string[] = [];
    const child = spawn(
      join(root, 'bin', 'initdb'),
      [
        `--pgdata=${dataFolder}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
      ],
      { ...account, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], LC_ALL: 'C' } },
    );
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw startError(output.join(''), 0, dataFolder);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function untilAnswering(
  child: ChildProcess,
  url: string,
  logFile: string,
  port: number,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw startError(tail(logFile), port, logFile);
    }
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (cause) {
      const code = codeOf(cause);
      if (code === '28P01') {
        child.kill('SIGINT');
        throw new EmbeddedPostgresError(
          'start_failed',
          `The Postgres of ${logFile.replace(/\.log$/, '')} has another password than the one kept beside it.`,
          { cause },
        );
      }
      // Refused by a rule of its own (TLS only, say): it is up. 57P03 is "starting up"; no SQLSTATE: not listening yet.
      if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && code !== '57P03') return;
      if (Date.now() > deadline) {
        child.kill('SIGINT');
        throw new EmbeddedPostgresError('start_failed', `Postgres did not answer in 60 s; see ${logFile}`, {
          cause,
        });
      }
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(50);
  }
}

function startError(output: string, port: number, place: string): EmbeddedPostgresError {
  if (/Address already in use/.test(output)) {
    return new EmbeddedPostgresError(
      'port_in_use',
      `Port ${port} is in use by another program; stop it or choose another port for Postgres.`,
    );
  }
  if (/No space left on device/.test(output)) {
    return new EmbeddedPostgresError(
      'disk_full',
      `The disk that holds ${place} is full; make room and start again.`,
    );
  }
  const last = output.trim().split('\n').slice(-5).join('\n');
  return new EmbeddedPostgresError('start_failed', `Postgres did not start (${place}):\n${last}`);
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').slice(-4_000);
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const slow = setTimeout(() => child.kill('SIGQUIT'), 30_000);
  await ended;
  clearTimeout(slow);
}
