import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { readText } from './read-text.ts';
import { collect } from './test-pieces.ts';

const folder = await mkdtemp(join(tmpdir(), 'rlaas-read-'));
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: Uint8Array): Promise<{ text: string; bytes: number }> {
  const path = join(folder, name);
  await writeFile(path, content);
  let bytes = 0;
  const pieces = await collect(readText(path, (piece) => (bytes += piece.length)));
  return { text: pieces.join(''), bytes };
}

const TEXT = 'Grüße, 世界\n'.repeat(40_000);

test('a file is read as it is, and unpacked where its name says so; a mark at its begin is left out', async () => {
  const plain = Buffer.from(TEXT);
  expect(await read('a.csv', plain)).toEqual({ text: TEXT, bytes: plain.length });
  const packed = gzipSync(TEXT);
  expect(await read('a.csv.gz', packed)).toEqual({ text: TEXT, bytes: packed.length });
  expect((await read('bom.csv', Buffer.from('\u{FEFF}a,b'))).text).toBe('a,b');
});

test('what cannot be read is said in words', async () => {
  await expect(collect(readText(join(folder, 'none'), () => undefined))).rejects.toThrow(
    'there is no such file',
  );
  await expect(collect(readText(folder, () => undefined))).rejects.toThrow('is a folder');
  await expect(read('b.gz', Buffer.from('plain'))).rejects.toThrow('is no whole gzip file');
  await expect(read('c.gz', gzipSync(TEXT).subarray(0, 200))).rejects.toThrow('is no whole gzip file');
  await expect(read('latin.csv', Buffer.from('Gr\u{FC}n', 'latin1'))).rejects.toThrow('is not UTF-8 text');
  await expect(read('cut.csv', Buffer.from('ü').subarray(0, 1))).rejects.toThrow('is not UTF-8 text');
});
