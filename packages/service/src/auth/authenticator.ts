import { isDeepStrictEqual } from 'node:util';
import { SEED_API_KEY } from '@rlaas/schemas';
import type { FastifyBaseLogger } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import { hashKey } from './api-key.ts';
import {
  type Authentication,
  CANNOT_CHECK,
  KnownKey,
  SEED_KEY_REFUSED,
  UNKNOWN_KEY,
} from './authentication.ts';
import { createGuardedStore } from './guarded-store.ts';
import type { KeyMemory } from './key-memory.ts';
import type { KeyRecord } from './key-record.ts';
import type { KeyStore } from './key-store.ts';
import { LruMap } from './lru-map.ts';
import { createMemoryWriter } from './memory-writer.ts';

export interface Authenticator {
  /** Loads the memory and begins to verify known keys each minute. @throws when the memory cannot be read. */
  start(): Promise<void>;
  /** Stops verifying and saves the memory. */
  stop(): Promise<void>;
  /** Whether a record of the key is in memory, fresh or not. */
  knows(key: string): boolean;
  /** The answer without asking the store; `undefined` when it has to be asked. */
  recall(key: string): Authentication | undefined;
  /** The answer, asking the store where memory is not enough. Takes at most two seconds and never throws. */
  authenticate(key: string): Promise<Authentication>;
}

export interface AuthenticatorOptions {
  /** Name of the service, for metrics. */
  service: string;
  store: KeyStore;
  memory?: KeyMemory;
  /** How long a known key stays valid after it was last verified, while the store is away. */
  staleMaxMs: number;
  environment: 'local' | 'production';
  /** Milliseconds since 1970. */
  now: () => number;
  logger: FastifyBaseLogger;
  registry: Registry;
}

const CAPACITY = 10_000;
/** An answer is believed this long, so a revocation holds after it at the latest. */
const FRESH_MS = 5_000;
/** A key in use is verified again from this age on without letting a request wait. */
const REFRESH_MS = FRESH_MS / 2;
const LOOKUP_TIMEOUT_MS = 2_000;
const VERIFY_INTERVAL_MS = 60_000;
const VERIFY_TIMEOUT_MS = 10_000;
const FORGET_MS = 24 * 3_600_000;

const SEED_HASH = hashKey(SEED_API_KEY);

/**
 * Decides whether a key holds.
 *
 * Of a key it knows one of three things: a record of the database (known), that the database does not have it
 * (missing), or nothing. Both answers are fresh for five seconds. While the store answers, an answer that is no
 * longer fresh is asked for again. While it does not, known keys are answered from memory at once (valid ones until
 * `staleMaxMs` after they were last verified), everything else is `auth_unavailable`, and the store is tried again
 * once a second. Known keys are verified together each minute, so the time runs from the outage, not from a key's
 * last use.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { service, memory, staleMaxMs, environment, now, logger, registry } = options;
  const known = new LruMap<string, KnownKey>(CAPACITY);
  // Apart from the known ones, so that guessing keys cannot push a known key out of memory.
  const missing = new LruMap<string, number>(CAPACITY);
  const lookups = new Map<string, Promise<boolean>>();

  let questions = 0;
  let stopped = false;

  const failures = new Counter({
    name: `rlaas_${service}_auth_store_failures_total`,
    help: 'Key look-ups that the database did not answer.',
    registers: [registry],
  });
  registry.registerMetric(
    new Gauge({
      name: `rlaas_${service}_auth_known_keys`,
      help: 'Keys of which a record is in memory.',
      registers: [],
      collect() {
        this.set(known.size);
      },
    }),
  );
  const store = createGuardedStore({ store: options.store, now, logger, onFailure: () => failures.inc() });
  const writer =
    memory && createMemoryWriter(memory, () => Array.from(known.values(), rememberedKey), logger);
  let timer: NodeJS.Timeout | undefined;

  return {
    start,
    stop,
    knows: (key) => known.peek(hashKey(key)) !== undefined,
    recall: (key) => recall(hashKey(key)),
    authenticate,
  };

  async function start(): Promise<void> {
    const time = now();
    for (const { record, verifiedAt, usedAt } of (await memory?.load()) ?? []) {
      // Times of a clock that went back meanwhile must not make a key valid for longer.
      const seen = { verifiedAt: Math.min(verifiedAt, time - FRESH_MS), usedAt: Math.min(usedAt, time) };
      known.set(record.hash, new KnownKey(record, { ...seen, question: 0 }));
    }
    void verifyAll();
    timer = setInterval(() => void verifyAll(), VERIFY_INTERVAL_MS).unref();
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearInterval(timer);
    await writer?.flush();
  }

  function recall(hash: string): Authentication | undefined {
    if (environment === 'production' && hash === SEED_HASH) return SEED_KEY_REFUSED;
    const time = now();
    const key = known.get(hash);
    if (key !== undefined) {
      key.usedAt = time;
      if (isFresh(key.verifiedAt, time)) {
        if (time - key.verifiedAt >= REFRESH_MS) refresh(hash);
        return key.answer(time, false);
      }
      if (!store.failing) return undefined;
      refresh(hash);
      return answerStale(key, time);
    }
    const missedAt = missing.get(hash);
    if (missedAt !== undefined && isFresh(missedAt, time)) return UNKNOWN_KEY;
    return store.mayAsk() ? undefined : CANNOT_CHECK;
  }

  async function authenticate(presented: string): Promise<Authentication> {
    const hash = hashKey(presented);
    const recalled = recall(hash);
    if (recalled) return recalled;
    const answered = await lookUp(hash);
    const time = now();
    const key = known.get(hash);
    if (key === undefined) return answered ? UNKNOWN_KEY : CANNOT_CHECK;
    key.usedAt = time;
    return answered ? key.answer(time, false) : answerStale(key, time);
  }

  function answerStale(key: KnownKey, time: number): Authentication {
    const answer = key.answer(time, true);
    return answer.ok && time - key.verifiedAt > staleMaxMs ? CANNOT_CHECK : answer;
  }

  function refresh(hash: string): void {
    if (store.mayAsk()) void lookUp(hash);
  }

  /** Asks the store for one key, once however many requests wait for it. Tells whether it answered. */
  function lookUp(hash: string): Promise<boolean> {
    const running = lookups.get(hash);
    if (running) return running;
    const lookup = ask([hash], LOOKUP_TIMEOUT_MS).finally(() => lookups.delete(hash));
    lookups.set(hash, lookup);
    return lookup;
  }

  async function verifyAll(): Promise<void> {
    const forgetBefore = now() - FORGET_MS;
    const hashes: string[] = [];
    for (const key of known.values()) {
      if (key.usedAt < forgetBefore) known.delete(key.record.hash);
      else hashes.push(key.record.hash);
    }
    if (hashes.length > 0 && (await ask(hashes, VERIFY_TIMEOUT_MS)) && !stopped) writer?.changed();
  }

  async function ask(hashes: readonly string[], timeoutMs: number): Promise<boolean> {
    const askedAt = now();
    const question = ++questions;
    const answer = await store.find(hashes, timeoutMs);
    if (!answer.ok) return false;
    const records = new Map(answer.records.map((record) => [record.hash, record]));
    for (const hash of hashes) learn(hash, records.get(hash), askedAt, question);
    return true;
  }

  function learn(hash: string, record: KeyRecord | undefined, askedAt: number, question: number): void {
    const before = known.peek(hash);
    // Questions overlap, and their answers can come in any order: that to the latest stays.
    if (before && before.question > question) return;
    if (record === undefined) {
      known.delete(hash);
      missing.set(hash, askedAt);
      if (before) writer?.changed();
    } else if (before && isDeepStrictEqual(before.record, record)) {
      before.verifiedAt = askedAt;
      before.question = question;
    } else {
      missing.delete(hash);
      known.set(
        hash,
        new KnownKey(record, { verifiedAt: askedAt, usedAt: before?.usedAt ?? now(), question }),
      );
      writer?.changed();
    }
  }
}

// A time in the future means that the clock was set back: then nothing is fresh.
function isFresh(since: number, time: number): boolean {
  return since <= time && time - since < FRESH_MS;
}

function rememberedKey({ record, verifiedAt, usedAt }: KnownKey) {
  return { record, verifiedAt, usedAt };
}
