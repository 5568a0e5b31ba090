import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ObjectCorrupt, ObjectStoreError, type ObjectStore, listAll } from '../src/index.ts';

/** A store under test, with what a test may do behind its back. */
export interface Subject {
  store: ObjectStore;
  /** Puts another content under the key and leaves the stored checksum as it was. */
  damage: (key: string, content: Buffer) => Promise<void>;
}

const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');

async function read(store: ObjectStore, key: string): Promise<Buffer | undefined> {
  const object = await store.get(key);
  return object && buffer(object.body);
}

async function codeOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ObjectStoreError ? error.code : `no ObjectStoreError: ${String(error)}`;
}

/**
 * What every adapter promises, against every server.
 * @param open called once; the store is empty and nobody else uses it
 */
export function contract(open: () => Promise<Subject>, options: { propertyRuns: number }): void {
  let store: ObjectStore;
  let damage: Subject['damage'];
  beforeAll(async () => ({ store, damage } = await open()));

  describe('one object', () => {
    it('is read as it was stored, with its size, checksum and time', async () => {
      const body = Buffer.from('ticket 4711 was sent unedited');
      const before = Date.now();
      expect(await store.put('one/text', body)).toMatchObject({ status: 'stored', sha256: sha256(body) });
      const head = await store.head('one/text');
      expect(head).toEqual({
        key: 'one/text',
        size: body.length,
        sha256: sha256(body),
        lastModified: expect.any(Date),
      });
      // S3 tells whole seconds; the two clocks are of one machine.
      expect(Math.abs((head?.lastModified.getTime() ?? NaN) - before)).toBeLessThan(60_000);
      const object = await store.get('one/text');
      expect({ ...object, body: undefined }).toEqual({ ...head, body: undefined });
      expect(object && (await buffer(object.body))).toEqual(body);
    });

    it('may be empty', async () => {
      await store.put('one/empty', Buffer.alloc(0));
      expect(await read(store, 'one/empty')).toEqual(Buffer.alloc(0));
      expect(await store.head('one/empty')).toMatchObject({ size: 0, sha256: sha256(Buffer.alloc(0)) });
    });

    it('may have 10 MiB', async () => {
      const body = randomBytes(10 * 1024 * 1024);
      await store.put('one/big', body, { sha256: sha256(body) });
      const found = await read(store, 'one/big');
      expect(found?.equals(body)).toBe(true);
    });

    it('may be a view into a larger buffer', async () => {
      const whole = new Uint8Array([120, 97, 98, 99, 120]);
      await store.put('one/view', whole.subarray(1, 4));
      expect(await read(store, 'one/view')).toEqual(Buffer.from('abc'));
    });

    it('is replaced as a whole', async () => {
      await store.put('one/replaced', Buffer.from('first, and longer'));
      await store.put('one/replaced', Buffer.from('second'));
      expect(await read(store, 'one/replaced')).toEqual(Buffer.from('second'));
      expect(await store.head('one/replaced')).toMatchObject({
        size: 6,
        sha256: sha256(Buffer.from('second')),
      });
    });

    it('keeps its content for a reader who opened it before it was replaced', async () => {
      const first = randomBytes(1024 * 1024);
      await store.put('one/reader', first);
      const object = await store.get('one/reader');
      await store.put('one/reader', Buffer.from('second'));
      const found = object && (await buffer(object.body));
      expect(found?.equals(first)).toBe(true);
    });

    it('is gone after delete, and deleting it again is no error', async () => {
      await store.put('one/gone', Buffer.from('x'));
      await store.delete('one/gone');
      await store.delete('one/gone');
      await store.delete('one/never/there');
      expect(await store.get('one/gone')).toBeUndefined();
      expect(await store.head('one/gone')).toBeUndefined();
    });

    it('is not stored when the announced checksum is another', async () => {
      const put = store.put('one/announced', Buffer.from('x'), { sha256: sha256(Buffer.from('y')) });
      expect(await codeOf(put)).toBe('checksum_mismatch');
      expect(await store.head('one/announced')).toBeUndefined();
    });
  });

  describe('if absent', () => {
    it('stores the first body and tells later ones the checksum of it', async () => {
      const first = Buffer.from('first');
      expect(await store.put('absent/a', first, { ifAbsent: true })).toMatchObject({ status: 'stored' });
      expect(await store.put('absent/a', Buffer.from('second'), { ifAbsent: true })).toEqual({
        status: 'exists',
        sha256: sha256(first),
      });
      expect(await read(store, 'absent/a')).toEqual(first);
    });

    it('stores again after delete', async () => {
      await store.put('absent/b', Buffer.from('first'), { ifAbsent: true });
      await store.delete('absent/b');
      expect(await store.put('absent/b', Buffer.from('second'), { ifAbsent: true })).toMatchObject({
        status: 'stored',
      });
    });

    it('lets exactly one of 20 writers win', async () => {
      for (let round = 0; round < 5; round += 1) {
        const key = `absent/race-${round}`;
        const bodies = Array.from({ length: 20 }, (_, writer) =>
          Buffer.from(`writer ${writer} `.repeat(1000)),
        );
        const results = await Promise.all(bodies.map((body) => store.put(key, body, { ifAbsent: true })));
        const winners = results.filter(({ status }) => status === 'stored');
        expect(winners).toHaveLength(1);
        expect(new Set(results.map((result) => result.sha256))).toEqual(new Set([winners[0]?.sha256]));
        const stored = await read(store, key);
        expect(stored && sha256(stored)).toBe(winners[0]?.sha256);
      }
    });
  });

  describe('keys', () => {
    const odd = [
      'events/v1/tenant=01890a5d-ac96-774b-bcce-b302099a8057/dt=2026-01-01/type=outcome/run=1-g0-00ff.parquet',
      "odd/it's(1)!+,@_~.txt",
      'odd/a+b=c',
      'odd/-rf',
      'odd/case',
      'odd/Case',
      'odd/007',
      'odd/true',
      'odd/con',
      'odd/dots...',
      `odd/${'s'.repeat(255)}`,
      `odd/${Array.from({ length: 9 }, () => 'd'.repeat(100)).join('/')}/end`,
    ];

    it.each(odd)('%s', async (key) => {
      const body = Buffer.from(`content of ${key}`);
      await store.put(key, body);
      expect(await read(store, key)).toEqual(body);
      expect(await store.head(key)).toMatchObject({ key });
    });

    it('are listed as they were stored', async () => {
      const listed: string[] = [];
      for await (const { key } of listAll(store, 'odd/')) listed.push(key);
      expect(listed).toEqual(odd.filter((key) => key.startsWith('odd/')).toSorted());
    });

    it.each([
      '../../etc/passwd',
      'a/../b',
      '/a/b',
      'a//b',
      'a/',
      'alone',
      'a/.hidden',
      'a/\u0000b',
      'a/ä',
      '',
    ])('refuses %j everywhere', async (key) => {
      expect(await codeOf(store.put(key, Buffer.from('x')))).toBe('invalid_key');
      expect(await codeOf(store.get(key))).toBe('invalid_key');
      expect(await codeOf(store.head(key))).toBe('invalid_key');
      expect(await codeOf(store.delete(key))).toBe('invalid_key');
      expect(await codeOf(store.presign(key, { expiresInSeconds: 60, method: 'GET' }))).toBe('invalid_key');
    });
  });

  describe('list', () => {
    it('pages through any set of keys like a sorted array', async () => {
      const letters = fc.constantFrom('-', '0', 'A', 'a', 'b', '~', '=', '+', '!', '.x');
      const name = fc.array(letters, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
      // A key is never the folder of another: folders and objects begin with letters of their own.
      const key = fc
        .tuple(fc.array(name, { maxLength: 2 }), name)
        .map(([folders, leaf]) => [...folders.map((folder) => `d${folder}`), `o${leaf}`].join('/'));
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(key, { maxLength: 12 }),
          fc.option(key),
          fc.nat(8),
          fc.option(key),
          fc.integer({ min: 1, max: 5 }),
          async (keys, prefixKey, prefixLength, afterKey, limit) => {
            const root = `list/run-${(run += 1)}/`;
            await Promise.all(keys.map((one) => store.put(root + one, Buffer.from(one))));
            const prefix = root + (prefixKey ?? keys[0] ?? '').slice(0, prefixLength);
            const after = afterKey === null ? undefined : root + afterKey;
            const expected = keys
              .map((one) => root + one)
              .filter((one) => one.startsWith(prefix) && (after === undefined || one > after))
              .toSorted();
            const found: string[] = [];
            for (let from = after; ;) {
              const page = await store.list(prefix, {
                limit,
                ...(from === undefined ? {} : { after: from }),
              });
              expect(page.objects.length).toBeLessThanOrEqual(limit);
              found.push(...page.objects.map((object) => object.key));
              if (page.next === undefined) break;
              expect(page.objects.length).toBe(limit);
              from = page.next;
            }
            expect(found).toEqual(expected);
          },
        ),
        { numRuns: options.propertyRuns },
      );
    });

    it('tells sizes and times, and nothing of what was deleted', async () => {
      await store.put('listed/a', Buffer.from('12345'));
      await store.put('listed/b', Buffer.from('x'));
      await store.delete('listed/b');
      expect(await store.list('listed/')).toEqual({
        objects: [{ key: 'listed/a', size: 5, lastModified: expect.any(Date) }],
      });
    });

    it('refuses limits and prefixes that cannot be meant', async () => {
      expect(await codeOf(store.list('a/', { limit: 0 }))).toBe('invalid_argument');
      expect(await codeOf(store.list('a/', { limit: 1001 }))).toBe('invalid_argument');
      expect(await codeOf(store.list('../'))).toBe('invalid_key');
      expect(await codeOf(store.list('/a'))).toBe('invalid_key');
    });
  });

  describe('a damaged object', () => {
    it.each([
      ['one byte is another', 'ticket 4712'],
      ['its end is missing', 'ticket'],
      ['it is empty', ''],
    ])('is an error when read to its end: %s', async (_how, content) => {
      await store.put('damaged/a', Buffer.from('ticket 4711'));
      await damage('damaged/a', Buffer.from(content));
      const object = await store.get('damaged/a');
      await expect(object && buffer(object.body)).rejects.toThrow(ObjectCorrupt);
    });
  });

  it('is ready', async () => {
    expect(await store.check()).toEqual({ ok: true });
    expect(await store.check(AbortSignal.timeout(10_000))).toEqual({ ok: true });
  });

  it('is not ready for someone who no longer waits', async () => {
    expect(await store.check(AbortSignal.abort())).toMatchObject({ ok: false });
  });

  it('sweeps nothing where nobody was killed', async () => {
    expect(await store.sweep()).toBe(0);
  });
}
