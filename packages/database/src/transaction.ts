import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { DatabaseError, isConnectionLost, isRetryable } from './database-error.ts';

/** As whom a transaction runs: requests as `rlaas_api`, work without a request as `rlaas_worker`. */
export type DatabaseRole = 'rlaas_api' | 'rlaas_worker';

export interface TransactionOptions {
  role: DatabaseRole;
  /** Ids of the tenants whose rows can be seen and written; none for what concerns no tenant's rows. */
  tenants: readonly string[];
  readOnly?: boolean;
  /** Longest time for one statement. Default 10,000 ms. */
  statementTimeoutMs?: number;
  /**
   * Longest time between two statements, after which Postgres ends the transaction by itself: nothing of a process that
   * was stopped for longer can be stored when it goes on. Default 60,000 ms.
   */
  idleTimeoutMs?: number;
  /**
   * Say true only when running the whole function again after it was stored changes nothing more. Then a COMMIT
   * whose answer was lost is repeated; otherwise it ends as `commit_unknown`.
   */
  idempotent?: boolean;
}

/** What a function inside a transaction may do. */
export interface Transaction {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
  /**
   * The last statement, sent together with COMMIT: a turn on the network less. When it fails, the server rolls back by
   * itself. No other may be asked after it.
   */
  last<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_ATTEMPTS = 5;
const STATEMENT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
/**
 * How much longer than the server's own limit a statement is waited for. A connection that died without a word (a
 * fail-over, a forgotten address translation) would be waited for without end otherwise, and its place in the pool lost.
 */
const SILENCE_MS = 2_000;

/**
 * What is acknowledged has been flushed, whatever the server's default is; a stricter one, such as that of a standby which
 * must have it too, stays.
 */
const DURABLE = `, set_config('synchronous_commit', case when current_setting('synchronous_commit') in ('off', 'local') then 'on' else current_setting('synchronous_commit') end, true)`;

/**
 * One message opens the transaction, takes the role, and names tenants and timeouts. All of it ends with the
 * transaction, so a connection that a pooler hands to somebody else carries nothing over.
 */
function beginStatement(options: TransactionOptions): string {
  for (const tenant of options.tenants) {
    if (!UUID.test(tenant)) throw new TypeError(`not a tenant id: ${tenant}`);
  }
  const timeout = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  if (!Number.isInteger(timeout) || timeout <= 0) throw new TypeError(`not a timeout in ms: ${timeout}`);
  const idle = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
  if (!Number.isInteger(idle) || idle <= 0) throw new TypeError(`not a timeout in ms: ${idle}`);
  return `begin${options.readOnly ? ' read only' : ''}; select set_config('role', '${options.role}', true), set_config('rlaas.tenants', '{${options.tenants.join(',')}}', true), set_config('statement_timeout', '${timeout}', true), set_config('idle_in_transaction_session_timeout', '${idle}', true)${options.readOnly ? '' : DURABLE}`;
}

/** Where the time between two tries goes; tests pass their own. */
export type Pause = (ms: number) => Promise<void>;

/**
 * Runs `work` in a transaction, again after a serialization failure, a deadlock or a connection that was lost before
 * COMMIT: in each of these nothing was stored. So `work` may run several times and must have no effect elsewhere.
 * @throws DatabaseError when the server stays away or the outcome of COMMIT is not known; any error of `work` itself
 */
export async function runTransaction<T>(
  connect: () => Promise<pg.PoolClient>,
  options: TransactionOptions,
  work: (tx: Transaction) => Promise<T>,
  pause: Pause,
): Promise<T> {
  const begin = beginStatement(options);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await runOnce(
      connect,
      begin,
      work,
      (options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS) + SILENCE_MS,
    );
    if (outcome.kind === 'done') return outcome.value;
    const { error } = outcome;
    const again =
      isRetryable(error) ||
      (isConnectionLost(error) && (outcome.kind === 'rolled_back' || options.idempotent === true));
    if (again && attempt < MAX_ATTEMPTS && outcome.kind !== 'not_connected') {
      await pause(2 ** attempt * 5 * (0.5 + Math.random()));
      continue;
    }
    if (outcome.kind === 'commit_unknown' && isConnectionLost(error)) {
      throw new DatabaseError('commit_unknown', 'the connection broke while COMMIT was on its way', {
        cause: error,
      });
    }
    if (isConnectionLost(error)) {
      throw new DatabaseError('database_unavailable', 'the database does not answer', { cause: error });
    }
    throw error;
  }
}

type Outcome<T> =
  | { kind: 'done'; value: T }
  | { kind: 'not_connected' | 'rolled_back' | 'commit_unknown'; error: unknown };

async function runOnce<T>(
  connect: () => Promise<pg.PoolClient>,
  begin: string,
  work: (tx: Transaction) => Promise<T>,
  deadlineMs: number,
): Promise<Outcome<T>> {
  let client: pg.PoolClient;
  try {
    client = await connect();
  } catch (error) {
    return { kind: 'not_connected', error };
  }
  let committing = false;
  try {
    const query = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => {
      if (committing) throw new Error('a statement was asked after the last one');
      // The driver knows the limit of a single query; its types do not.
      return client.query<Row>({
        text,
        ...(values && { values }),
        query_timeout: deadlineMs,
      } as pg.QueryConfig);
    };
    let ending: Promise<pg.QueryResult> | undefined;
    const commit = (): Promise<pg.QueryResult> => {
      ending ??= query('commit');
      committing = true;
      return ending;
    };
    // What follows is sent without waiting for the answer (see `pipeline` of the pool). When this fails, all that
    // follows fails too; so it is told first.
    gather(client);
    const began = query(begin);
    const told = began.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    let value: T;
    try {
      value = await work({
        query,
        last(text, values) {
          const answer = query(text, values);
          // Its error, if there is one, is that of the statement; it is looked at below.
          commit().catch(() => undefined);
          return answer as never;
        },
      });
    } catch (error) {
      const failed = await told;
      throw failed ? failed.error : error;
    }
    await began;
    const end = await commit();
    // COMMIT of a transaction in which a statement failed answers ROLLBACK, without an error.
    if (end.command !== 'COMMIT')
      throw new Error('a statement failed and its error was not passed on: rolled back');
    client.release();
    return { kind: 'done', value };
  } catch (error) {
    const lost = isConnectionLost(error);
    // A broken connection is thrown away; the pool makes a new one.
    const usable = !lost && (await rollBack(client));
    client.release(!usable);
    return { kind: committing && lost ? 'commit_unknown' : 'rolled_back', error };
  }
}

/** What is asked in one turn of the loop goes out in one packet: each packet wakes the server up. */
function gather(client: pg.PoolClient): void {
  const { connection } = client as pg.PoolClient & { connection?: { stream?: Duplex } };
  const stream = connection?.stream;
  if (!stream) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

async function rollBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query({ text: 'rollback', query_timeout: SILENCE_MS } as pg.QueryConfig);
    return true;
  } catch {
    // The first error is the one to tell; that this one failed too means the connection is of no use.
    return false;
  }
}
