import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecrets } from './secrets.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rlaas-secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('they are made once, all different, for their owner to read only', async () => {
  const first = await loadSecrets(folder);
  expect(new Set(Object.values(first)).size).toBe(4);
  expect(first.masterKey.length).toBeGreaterThanOrEqual(32);
  expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
  expect(await loadSecrets(folder)).toEqual(first);
  expect(await readdir(folder)).toEqual(['secrets.json']);
});

test('a folder of an earlier release keeps what it has and gets a master key, which stays', async () => {
  const earlier = { ownerPassword: 'a', appPassword: 'b', internalToken: 'c'.repeat(64) };
  await writeFile(join(folder, 'secrets.json'), JSON.stringify(earlier));
  const secrets = await loadSecrets(folder);
  expect(secrets).toEqual({ ...earlier, masterKey: secrets.masterKey });
  expect(secrets.masterKey.length).toBeGreaterThanOrEqual(32);
  expect(await loadSecrets(folder)).toEqual(secrets);
  expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
});

test.each(['', '{"ownerPassword":', '[]', '{}', '{"ownerPassword":"a","appPassword":"b","internalToken":7}'])(
  'a file that holds %j is refused and left as it is',
  async (text) => {
    const path = join(folder, 'secrets.json');
    await writeFile(path, text);
    await expect(loadSecrets(folder)).rejects.toThrow('does not hold the secrets');
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);
