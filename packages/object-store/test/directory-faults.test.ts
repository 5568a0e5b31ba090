import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ObjectCorrupt, directoryStore, listAll } from '../src/index.ts';
import { withContent } from '../src/directory/entry.ts';
import { temporaryFolder } from './temporary-folder.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const folder = temporaryFolder();
let folders = 0;
const newRoot = (): string => join(folder, `root-${(folders += 1)}`);

function start(program: string, args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(program, import.meta.url)), args);
}

async function keysOf(root: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listAll(directoryStore({ root }), '')) keys.push(key);
  return keys;
}

describe('several processes', () => {
  it('have exactly one winner for each key', async () => {
    const root = newRoot();
    const rounds = 50;
    const writers = Array.from({ length: 4 }, () => start('./race-writer.ts', [root, String(rounds)]));
    await Promise.all(writers.map((writer) => once(writer, 'message')));
    const results = writers.map(async (writer) => {
      const [won] = (await once(writer, 'message')) as [string[]];
      return { pid: writer.pid, won };
    });
    for (const writer of writers) writer.send('go');
    const winners = new Map<string, number | undefined>();
    for (const { pid, won } of await Promise.all(results)) {
      for (const key of won) {
        expect(winners.has(key)).toBe(false);
        winners.set(key, pid);
      }
    }
    expect(winners.size).toBe(rounds);
    for (const [key, pid] of winners) expect(readFileSync(join(root, key), 'utf8')).toBe(`process ${pid}`);
    // Losers leave no content behind.
    expect(readdirSync(join(root, 'race'))).toHaveLength(2 * rounds);
  });

  it('store, replace and delete without ever showing a half object', async () => {
    const root = newRoot();
    const stores = [directoryStore({ root }), directoryStore({ root })] as const;
    const bodies = [Buffer.alloc(300_000, 'a'), Buffer.alloc(200_000, 'b')] as const;
    const written = new AbortController();
    const write = async (): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        await stores[0].put('folder/deep/key', bodies[round % 2 === 0 ? 0 : 1]);
        if (round % 5 === 4) await stores[0].delete('folder/deep/key');
        await stores[1].put('folder/other/key', Buffer.from('x'));
        await stores[1].delete('folder/other/key');
      }
      written.abort();
    };
    const look = async (): Promise<{ whole: number; broken: number }> => {
      const seen = { whole: 0, broken: 0 };
      while (!written.signal.aborted) {
        const object = await stores[1].get('folder/deep/key');
        if (object) {
          const found = await buffer(object.body);
          seen[bodies.some((body) => body.equals(found)) ? 'whole' : 'broken'] += 1;
        }
        await turn();
      }
      return seen;
    };
    const [, seen] = await Promise.all([write(), look()]);
    expect(seen.broken).toBe(0);
    expect(seen.whole).toBeGreaterThan(0);
  });

  it('may remove the folder that another one is about to use', async () => {
    const root = newRoot();
    const stores = Array.from({ length: 4 }, () => directoryStore({ root }));
    const rounds = stores.map(async (store, writer) => {
      const kept: boolean[] = [];
      for (let round = 0; round < 50; round += 1) {
        const key = `shared/folder/${writer}`;
        await store.put(key, Buffer.from(`${round}`));
        kept.push((await store.head(key)) !== undefined);
        await store.delete(key);
      }
      return kept;
    });
    expect((await Promise.all(rounds)).flat()).toEqual(Array.from({ length: 200 }, () => true));
    expect(existsSync(join(root, 'shared'))).toBe(false);
  });

  it('may replace an object between the look at its name and the look at its content', async () => {
    const root = newRoot();
    const store = directoryStore({ root });
    await store.put('folder/key', Buffer.from('first'));
    let looks = 0;
    const size = await withContent('folder/key', join(root, 'folder/key'), async (file) => {
      looks += 1;
      if (looks === 1) await store.put('folder/key', Buffer.from('replacement'));
      return (await stat(file)).size;
    });
    expect({ size, looks }).toEqual({ size: 11, looks: 2 });
  });
});

describe('a writer killed in the middle', () => {
  it('leaves nothing that can be seen, and its leftover is swept after a day', async () => {
    const root = newRoot();
    const target = join(root, 'killed');
    const writer = start('./killed-writer.ts', [root, 'killed/big', String(256 * 1024 * 1024)]);
    const leftovers = (): string[] => (existsSync(target) ? readdirSync(target) : []);
    while (leftovers().length === 0 && writer.exitCode === null) await turn();
    writer.kill('SIGKILL');
    await once(writer, 'exit');

    expect(leftovers()).toEqual([expect.stringMatching(/^\.[0-9a-f]{64}-/)]);
    const store = directoryStore({ root });
    expect(await store.get('killed/big')).toBeUndefined();
    expect(await store.head('killed/big')).toBeUndefined();
    expect(await keysOf(root)).toEqual([]);

    await store.put('killed/small', Buffer.from('x'));
    expect(await store.sweep()).toBe(0);
    expect(await directoryStore({ root, now: () => Date.now() + DAY_MS + 60_000 }).sweep()).toBe(1);
    expect(leftovers()).toHaveLength(2);
    expect(await store.put('killed/big', Buffer.from('y'), { ifAbsent: true })).toMatchObject({
      status: 'stored',
    });
    expect(await keysOf(root)).toEqual(['killed/big', 'killed/small']);
  });
});

describe('what others put into the folder', () => {
  it('is refused where a symbolic link leads out of it', async () => {
    const root = newRoot();
    const outside = newRoot();
    mkdirSync(root);
    mkdirSync(outside);
    symlinkSync(outside, join(root, 'folder'));
    const store = directoryStore({ root });
    await expect(store.put('folder/a', Buffer.from('x'))).rejects.toMatchObject({ code: 'store_refused' });
    await expect(store.put('folder/deep/a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'store_refused',
    });
    await expect(store.get('folder/a')).rejects.toMatchObject({ code: 'store_refused' });
    await expect(store.delete('folder/a')).rejects.toMatchObject({ code: 'store_refused' });
    expect(readdirSync(outside)).toEqual([]);

    writeFileSync(join(outside, 'secret'), 'secret');
    mkdirSync(join(root, 'real'));
    symlinkSync(join(outside, 'secret'), join(root, 'real/a'));
    await expect(store.get('real/a')).rejects.toMatchObject({ code: 'store_refused' });
    await expect(store.put('real/a', Buffer.from('x'))).rejects.toMatchObject({ code: 'store_refused' });
    expect(await keysOf(root)).toEqual([]);
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('is refused where a content is a link itself', async () => {
    const root = newRoot();
    const store = directoryStore({ root });
    await store.put('real/a', Buffer.from('x'));
    const content = join(root, 'real', readlinkSync(join(root, 'real/a')));
    unlinkSync(content);
    symlinkSync('/etc/passwd', content);
    await expect(store.get('real/a')).rejects.toMatchObject({ code: 'store_refused' });
  });

  it('is no object, and not written over', async () => {
    const root = newRoot();
    const store = directoryStore({ root });
    mkdirSync(join(root, 'files'), { recursive: true });
    writeFileSync(join(root, 'files/notes.txt'), 'mine');
    await expect(store.get('files/notes.txt')).rejects.toMatchObject({ code: 'object_foreign' });
    await expect(store.put('files/notes.txt', Buffer.from('x'))).rejects.toMatchObject({
      code: 'object_foreign',
    });
    expect(await keysOf(root)).toEqual([]);
    expect(readFileSync(join(root, 'files/notes.txt'), 'utf8')).toBe('mine');
  });

  it('is told when it was moved to another name', async () => {
    const root = newRoot();
    const store = directoryStore({ root });
    await store.put('moved/a', Buffer.from('x'));
    renameSync(join(root, 'moved/a'), join(root, 'moved/b'));
    await expect(store.head('moved/b')).rejects.toMatchObject({ code: 'key_conflict' });
    await expect(store.put('moved/b', Buffer.from('y'))).rejects.toMatchObject({ code: 'key_conflict' });
  });
});

it('refuses a key that is the folder of another', async () => {
  const root = newRoot();
  const store = directoryStore({ root });
  await store.put('a/b/c', Buffer.from('x'));
  await expect(store.put('a/b', Buffer.from('y'))).rejects.toMatchObject({ code: 'key_conflict' });
  await expect(store.put('a/b', Buffer.from('y'), { ifAbsent: true })).rejects.toMatchObject({
    code: 'key_conflict',
  });
  await expect(store.put('a/b/c/d', Buffer.from('y'))).rejects.toMatchObject({ code: 'key_conflict' });
  expect(await store.get('a/b/c/d')).toBeUndefined();
  expect(await keysOf(root)).toEqual(['a/b/c']);
});

it('tells that a content is gone, and lets the object be deleted', async () => {
  const root = newRoot();
  const store = directoryStore({ root });
  await store.put('lost/a', Buffer.from('x'));
  unlinkSync(join(root, 'lost', readlinkSync(join(root, 'lost/a'))));
  await expect(store.head('lost/a')).rejects.toThrow(ObjectCorrupt);
  await expect(store.get('lost/a')).rejects.toThrow(ObjectCorrupt);
  await expect(store.list('lost/')).rejects.toThrow(ObjectCorrupt);
  await store.delete('lost/a');
  expect(await keysOf(root)).toEqual([]);
});

it('leaves neither files nor folders after the last delete, and no content after a replacement', async () => {
  const root = newRoot();
  const store = directoryStore({ root });
  await store.put('a/b/c/one', Buffer.from('1'));
  await store.put('a/b/c/one', Buffer.from('2'));
  await store.put('a/b/two', Buffer.from('3'));
  expect(readdirSync(join(root, 'a/b/c'))).toHaveLength(2);
  await store.delete('a/b/c/one');
  expect(readdirSync(join(root, 'a/b'))).toHaveLength(2);
  await store.delete('a/b/two');
  expect(readdirSync(root)).toEqual([]);
});

it('keeps plain files that any tool can read', async () => {
  const root = newRoot();
  await directoryStore({ root }).put('plain/a.txt', Buffer.from('readable'));
  expect(readFileSync(join(root, 'plain/a.txt'), 'utf8')).toBe('readable');
});

it('has no URL to give', async () => {
  const store = directoryStore({ root: newRoot() });
  expect(await store.presign('a/b', { expiresInSeconds: 60, method: 'GET' })).toBeUndefined();
});

it('is not ready where its folder cannot be made, and says which', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const result = await directoryStore({ root: join(file, 'objects') }).check();
  expect(result).toEqual({ ok: false, message: expect.stringContaining(join(file, 'objects')) });
});

/** Mounts a disk of 1 MiB, which only root may; otherwise the reason why not. */
function smallDisk(): { path: string } | { reason: string } {
  const path = join(folder, 'small-disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
  afterAll(() => void execFileSync('umount', [path]));
  return { path };
}

const disk = smallDisk();
if ('reason' in disk)
  process.stderr.write(`the full disk is not tested: no disk can be mounted here (${disk.reason})\n`);

describe.skipIf('reason' in disk)('a full disk', () => {
  const path = 'path' in disk ? disk.path : '';

  it('is told, leaves nothing, and keeps what was there', async () => {
    const store = directoryStore({ root: join(path, 'objects') });
    await store.put('full/kept', Buffer.from('kept'));
    await expect(store.put('full/large', Buffer.alloc(2 * 1024 * 1024))).rejects.toMatchObject({
      code: 'store_full',
      message: expect.stringContaining('full/large'),
    });
    await expect(store.put('full/kept', Buffer.alloc(2 * 1024 * 1024))).rejects.toMatchObject({
      code: 'store_full',
    });
    expect(readdirSync(join(path, 'objects/full'))).toHaveLength(2);
    const kept = await store.get('full/kept');
    expect(kept && String(await buffer(kept.body))).toBe('kept');
    expect(await store.put('full/small', Buffer.from('fits again'))).toMatchObject({ status: 'stored' });
  });
});
