import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Pause, type Transaction, type TransactionOptions, runTransaction } from './transaction.ts';

export interface DatabaseOptions {
  /** Connection of the services' login; may be a pooler in transaction mode. */
  url: string;
  /** Most connections at once. */
  poolMax: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Called when an idle connection breaks, and the pool is not being closed; it has replaced it already. */
  onIdleError: (error: Error) => void;
  /** Longest wait for a connection. Default 5,000 ms. */
  connectTimeoutMs?: number;
  pause?: Pause;
}

/** The pool of a service, and the only way to a transaction. */
export interface Database {
  transaction<T>(options: TransactionOptions, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Connections: all, idle, and requests that wait for one. */
  counts(): { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

/** Opens no connection yet: the first transaction does. */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolMax,
    // Not as a startup parameter of ours: some poolers refuse what they do not know; they know this one.
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // A statement is sent as soon as it is asked, also while another one is answered.
    pipeline: true,
  });
  let closing: Promise<void> | undefined;
  // Connections end behind the pool's end: what the server ends first then is no loss.
  pool.on('error', (error) => {
    if (!closing) options.onIdleError(error);
  });
  // A connection that breaks while it is in use fails its statement, and it also emits an error event, which would end
  // the process if nobody listened. The statement's error is the one that is told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const pause: Pause = options.pause ?? ((ms) => sleep(ms));
  return {
    transaction: (given, work) => runTransaction(() => pool.connect(), given, work, pause),
    counts: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => (closing ??= pool.end()),
  };
}
