import { SEED_API_KEY } from '@rlaas/schemas';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { capturingLogger } from '../../test/support/capturing-logger.ts';
import { MapKeyStore, recordOf, TENANT } from '../../test/support/map-key-store.ts';
import { hashKey } from './api-key.ts';
import { type AuthenticatorOptions, createAuthenticator } from './authenticator.ts';
import type { RememberedKey } from './key-memory.ts';

const KEY = 'rlk_AAAAAAAAAAAA_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB';
const HOUR = 3_600_000;

class ListMemory {
  saved: RememberedKey[] = [];
  saves = 0;
  failing = false;
  async load() {
    return this.saved;
  }
  async save(keys: readonly RememberedKey[]) {
    this.saves++;
    if (this.failing) throw new Error('disk full');
    this.saved = structuredClone([...keys]);
  }
}

function setUp(changes: Partial<AuthenticatorOptions> = {}) {
  const store = new MapKeyStore();
  const registry = new Registry();
  const { logger, lines } = capturingLogger();
  const authenticator = createAuthenticator({
    service: 'gateway',
    store,
    staleMaxMs: HOUR,
    environment: 'local',
    now: () => Date.now(),
    logger,
    registry,
    ...changes,
  });
  /** The code of the answer, or how it was accepted. */
  async function check(key = KEY): Promise<string> {
    const answer = authenticator.recall(key) ?? (await settle(authenticator.authenticate(key)));
    if (!answer.ok) return answer.code;
    return answer.principal.stale ? 'stale' : 'ok';
  }
  return { store, registry, authenticator, check, lines };
}

/** Lets the look-up time out where the store hangs. */
async function settle<Value>(promise: Promise<Value>): Promise<Value> {
  await vi.advanceTimersByTimeAsync(2000);
  return promise;
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 2, 1) });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('while the store answers', () => {
  test('accepts a key and says whose it is', async () => {
    const { store, authenticator } = setUp();
    const record = store.add(KEY, { scopes: ['decide'] });
    expect(await authenticator.authenticate(KEY)).toEqual({
      ok: true,
      principal: { kind: 'key', key: record, tenantId: TENANT.id, stale: false },
    });
  });

  test('gives requests with the same key the same principal', async () => {
    const { store, authenticator } = setUp();
    store.add(KEY);
    expect(await authenticator.authenticate(KEY)).toBe(authenticator.recall(KEY));
  });

  test('refuses what is unknown, revoked, expired, or of a closed tenant', async () => {
    const { store, check } = setUp();
    store.add('revoked', { revokedAt: 1 });
    store.add('expired', { expiresAt: Date.now() });
    store.add('closed', { tenant: { ...TENANT, closed: true } });
    expect([
      await check('none'),
      await check('revoked'),
      await check('expired'),
      await check('closed'),
    ]).toEqual(['invalid_key', 'key_revoked', 'key_expired', 'key_revoked']);
  });

  test('refuses a key at the millisecond it expires, also from memory', async () => {
    const { store, authenticator } = setUp();
    store.add(KEY, { expiresAt: Date.now() + 1000 });
    await authenticator.authenticate(KEY);
    vi.setSystemTime(Date.now() + 999);
    expect(authenticator.recall(KEY)?.ok).toBe(true);
    vi.setSystemTime(Date.now() + 1);
    expect(authenticator.recall(KEY)).toMatchObject({ ok: false, code: 'key_expired' });
  });

  test('asks once for a key that many requests wait for', async () => {
    const { store, authenticator } = setUp();
    store.add(KEY);
    const answers = await Promise.all(Array.from({ length: 50 }, () => authenticator.authenticate(KEY)));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(store.questions).toEqual([[hashKey(KEY)]]);
  });

  test('a revocation holds within five seconds, also for a key that is always in use', async () => {
    const { store, authenticator } = setUp();
    store.add(KEY);
    await authenticator.authenticate(KEY);
    await vi.advanceTimersByTimeAsync(1234);
    store.add(KEY, { revokedAt: Date.now() });
    const revokedAt = Date.now();
    let lastAccepted = 0;
    while (Date.now() < revokedAt + 10_000) {
      const answer = authenticator.recall(KEY) ?? (await authenticator.authenticate(KEY));
      if (answer.ok) lastAccepted = Date.now();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(lastAccepted - revokedAt).toBeLessThan(5000);
  });

  test('a key in use is verified without letting a request wait', async () => {
    const { store, authenticator } = setUp();
    store.add(KEY);
    await authenticator.authenticate(KEY);
    for (let step = 0; step < 100; step++) {
      await vi.advanceTimersByTimeAsync(1000);
      expect(authenticator.recall(KEY)).toBeDefined();
    }
    expect(store.questions.length).toBeLessThan(50);
  });

  test('does not ask again for an unknown key within five seconds, and finds it after', async () => {
    const { store, check } = setUp();
    await check();
    await check();
    expect(store.questions).toHaveLength(1);
    store.add(KEY);
    vi.setSystemTime(Date.now() + 5000);
    expect(await check()).toBe('ok');
  });

  test('guessed keys do not push a known key out of memory', async () => {
    const { store, authenticator } = setUp();
    store.add(KEY);
    await authenticator.authenticate(KEY);
    for (let guess = 0; guess < 10_100; guess++) await authenticator.authenticate(`guess-${guess}`);
    expect(authenticator.recall(KEY)?.ok).toBe(true);
  });

  test('a key that was deleted becomes unknown', async () => {
    const { store, check } = setUp();
    store.add(KEY);
    await check();
    store.records.clear();
    vi.setSystemTime(Date.now() + 5000);
    expect(await check()).toBe('invalid_key');
  });

  test('believes the later of two answers that cross', async () => {
    const { store, authenticator, check } = setUp();
    store.add(KEY);
    await authenticator.authenticate(KEY);
    vi.setSystemTime(Date.now() + 3000);
    const answers: ((records: ReturnType<typeof recordOf>[]) => void)[] = [];
    vi.spyOn(store, 'find').mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
    authenticator.recall(KEY);
    await authenticator.start();
    answers[1]?.([recordOf(KEY, { revokedAt: 1 })]);
    await vi.advanceTimersByTimeAsync(0);
    answers[0]?.([recordOf(KEY)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(await check()).toBe('key_revoked');
    await authenticator.stop();
  });

  test('refuses the seed key in production only, without asking', async () => {
    const local = setUp();
    local.store.add(SEED_API_KEY);
    expect(await local.check(SEED_API_KEY)).toBe('ok');
    const production = setUp({ environment: 'production' });
    production.store.add(SEED_API_KEY);
    expect(await production.check(SEED_API_KEY)).toBe('seed_key_refused');
    expect(production.store.questions).toEqual([]);
  });
});

describe.each(['throws', 'hangs'] as const)('while the store %s', (mode) => {
  test('a known key stays valid until the limit, counted from the last verification', async () => {
    const { store, check } = setUp();
    store.add(KEY);
    const verifiedAt = Date.now();
    await check();
    store.mode = mode;
    vi.setSystemTime(verifiedAt + 10_000);
    expect(await check()).toBe('stale');
    vi.setSystemTime(verifiedAt + HOUR);
    expect(await check()).toBe('stale');
    vi.setSystemTime(verifiedAt + HOUR + 1);
    expect(await check()).toBe('auth_unavailable');
  });

  test('an unknown key is never called invalid', async () => {
    const { store, check } = setUp();
    store.mode = mode;
    expect(await check()).toBe('auth_unavailable');
    expect(await check('another')).toBe('auth_unavailable');
    vi.setSystemTime(Date.now() + HOUR);
    expect(await check('a third')).toBe('auth_unavailable');
  });

  test('an unknown key of before is not called invalid once that answer is old', async () => {
    const { store, check } = setUp();
    expect(await check()).toBe('invalid_key');
    store.mode = mode;
    vi.setSystemTime(Date.now() + 5000);
    expect(await check()).toBe('auth_unavailable');
  });

  test('revoked stays revoked and expired is expired', async () => {
    const { store, check } = setUp();
    store.add('revoked', { revokedAt: 1 });
    store.add('expiring', { expiresAt: Date.now() + 20_000 });
    await check('revoked');
    await check('expiring');
    store.mode = mode;
    vi.setSystemTime(Date.now() + 10_000);
    expect([await check('revoked'), await check('expiring')]).toEqual(['key_revoked', 'stale']);
    vi.setSystemTime(Date.now() + 10_000);
    expect(await check('expiring')).toBe('key_expired');
    vi.setSystemTime(Date.now() + 2 * HOUR);
    expect(await check('revoked')).toBe('key_revoked');
  });

  test('no request waits after the first failure, and the store is tried at most once a second', async () => {
    const { store, authenticator, check } = setUp();
    store.add(KEY);
    await check();
    store.mode = mode;
    vi.setSystemTime(Date.now() + 5000);
    await check();
    store.questions.length = 0;
    const started = Date.now();
    for (let step = 0; step < 1000; step++) {
      expect(authenticator.recall(KEY)).toMatchObject({ ok: true, principal: { stale: true } });
      await vi.advanceTimersByTimeAsync(10);
    }
    const seconds = (Date.now() - started) / 1000;
    expect(store.questions.length).toBeLessThanOrEqual(seconds + 1);
    expect(store.questions.length).toBeGreaterThan(1);
  });

  test('a known key is fresh again as soon as the store is back', async () => {
    const { store, authenticator, check } = setUp();
    store.add(KEY);
    await check();
    store.mode = mode;
    vi.setSystemTime(Date.now() + 5000);
    expect(await check()).toBe('stale');
    store.mode = 'answers';
    await vi.advanceTimersByTimeAsync(3000);
    authenticator.recall(KEY);
    await vi.advanceTimersByTimeAsync(0);
    expect(await check()).toBe('ok');
  });
});

describe('the times at which keys are verified', () => {
  test('all known keys are verified together each minute, so the hour counts from the outage', async () => {
    const { store, authenticator, check } = setUp();
    store.add('one');
    store.add('two');
    await authenticator.start();
    await check('one');
    await check('two');
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(store.questions.at(-1)?.toSorted()).toEqual([hashKey('one'), hashKey('two')].toSorted());
    store.mode = 'throws';
    await vi.advanceTimersByTimeAsync(HOUR - 60_000);
    expect(await check('one')).toBe('stale');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(await check('one')).toBe('auth_unavailable');
    await authenticator.stop();
  });

  test('a key that was not used for a day is forgotten', async () => {
    const { store, registry, authenticator, check } = setUp();
    store.add(KEY);
    await authenticator.start();
    await check();
    await vi.advanceTimersByTimeAsync(24 * HOUR - 60_000);
    expect(await registry.metrics()).toContain('rlaas_gateway_auth_known_keys 1');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(await registry.metrics()).toContain('rlaas_gateway_auth_known_keys 0');
    const asked = store.questions.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(store.questions).toHaveLength(asked);
    await authenticator.stop();
  });

  test('questions without an answer are counted, and an outage is logged once', async () => {
    const { store, registry, check, lines } = setUp();
    store.mode = 'throws';
    await check();
    vi.setSystemTime(Date.now() + 1000);
    await check();
    expect(await registry.metrics()).toContain('rlaas_gateway_auth_store_failures_total 2');
    expect(lines.filter((line) => line['level'] === 50)).toHaveLength(1);
  });
});

describe('the memory', () => {
  test('lets a known key in after a restart while the store is away, up to the same limit', async () => {
    const memory = new ListMemory();
    const first = setUp({ memory });
    first.store.add(KEY);
    await first.authenticator.start();
    const verifiedAt = Date.now();
    await first.check();
    await first.authenticator.stop();

    const second = setUp({ memory });
    second.store.mode = 'throws';
    await second.authenticator.start();
    expect(await second.check()).toBe('stale');
    expect(await second.check('unknown')).toBe('auth_unavailable');
    vi.setSystemTime(verifiedAt + HOUR + 1);
    expect(await second.check()).toBe('auth_unavailable');
    await second.authenticator.stop();
  });

  test('does not let in a key that was revoked before the restart', async () => {
    const memory = new ListMemory();
    const first = setUp({ memory });
    first.store.add(KEY, { revokedAt: 1 });
    await first.check();
    await first.authenticator.stop();
    const second = setUp({ memory });
    second.store.mode = 'throws';
    await second.authenticator.start();
    expect(await second.check()).toBe('key_revoked');
    await second.authenticator.stop();
  });

  test('asks before it believes what was remembered', async () => {
    const memory = new ListMemory();
    memory.saved = [{ record: recordOf(KEY), verifiedAt: Date.now() + HOUR, usedAt: Date.now() }];
    const { store, authenticator, check } = setUp({ memory });
    store.add(KEY, { revokedAt: 1 });
    await authenticator.start();
    expect(await check()).toBe('key_revoked');
    await authenticator.stop();
  });

  test('is written at most once a second, and when the service stops', async () => {
    const memory = new ListMemory();
    const { store, authenticator, check } = setUp({ memory });
    for (let index = 0; index < 100; index++) {
      store.add(`key-${index}`);
      void authenticator.authenticate(`key-${index}`);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(memory.saves).toBeGreaterThan(0);
    expect(memory.saves).toBeLessThanOrEqual(5);
    store.add(KEY);
    await check();
    await authenticator.stop();
    expect(memory.saved).toHaveLength(101);
  });

  test('that cannot be written is logged, and authentication goes on', async () => {
    const memory = new ListMemory();
    memory.failing = true;
    const { store, authenticator, check, lines } = setUp({ memory });
    store.add(KEY);
    expect(await check()).toBe('ok');
    await authenticator.stop();
    expect(lines.map((line) => line['msg'])).toContain('the known keys could not be saved');
  });
});
