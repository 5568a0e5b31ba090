import type { FastifyBaseLogger } from 'fastify';
import type { KeyRecord } from './key-record.ts';
import type { KeyStore } from './key-store.ts';

/** What the store said, or that it said nothing. */
type StoreAnswer = { ok: true; records: KeyRecord[] } | { ok: false };

export interface GuardedStore {
  /** Whether the last question was not answered. */
  readonly failing: boolean;
  /** Whether the store may be asked now: always while it answers, else at most once a second. */
  mayAsk(): boolean;
  /** Asks the store. Takes at most `timeoutMs`; a store that is away is a value, not an exception. */
  find(hashes: readonly string[], timeoutMs: number): Promise<StoreAnswer>;
}

const RETRY_MS = 1000;

export interface GuardedStoreOptions {
  store: KeyStore;
  now: () => number;
  logger: FastifyBaseLogger;
  /** Called for each question that was not answered. */
  onFailure: () => void;
}

/** A key store that fails fast: it gives up after a time and remembers that the store is away. */
export function createGuardedStore({ store, now, logger, onFailure }: GuardedStoreOptions): GuardedStore {
  let failing = false;
  let askedAt = Number.NEGATIVE_INFINITY;

  return {
    get failing() {
      return failing;
    },
    mayAsk: () => !failing || Math.abs(now() - askedAt) >= RETRY_MS,
    find,
  };

  async function find(hashes: readonly string[], timeoutMs: number): Promise<StoreAnswer> {
    askedAt = now();
    try {
      const question = store.find(hashes.map((hash) => Buffer.from(hash, 'hex')));
      const records = await within(question, timeoutMs);
      if (failing) logger.info('keys can be looked up again');
      failing = false;
      return { ok: true, records };
    } catch (error) {
      onFailure();
      if (!failing)
        logger.error({ err: error }, 'keys cannot be looked up; known ones are accepted from memory');
      failing = true;
      return { ok: false };
    }
  }
}

function within<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the key store did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    // A late answer settles a promise that is settled already, which does nothing.
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
