import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { capturingLogger } from '../../test/support/capturing-logger.ts';
import { recordOf } from '../../test/support/map-key-store.ts';
import { fileKeyMemory } from './file-key-memory.ts';

const KEY = 'rlk_AAAAAAAAAAAA_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB';
const keys = [{ record: recordOf(KEY, { scopes: ['decide'] }), verifiedAt: 1, usedAt: 2 }];

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rlaas-keys-'));
  path = join(directory, 'state', 'keys.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('gives back what was saved, for its owner only, and never the key', async () => {
  const memory = fileKeyMemory(path, capturingLogger().logger);
  expect(await memory.load()).toEqual([]);
  await memory.save([]);
  await memory.save(keys);
  expect(await memory.load()).toEqual(keys);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).not.toContain(KEY);
  expect(readdirSync(join(directory, 'state'))).toEqual(['keys.json']);
});

test.each([
  ['is cut off', '{"version":1,"keys":[{"rec'],
  ['is empty', ''],
  ['has another version', '{"version":2,"keys":[]}'],
  ['has another form', '{"version":1,"keys":[{"record":{}}]}'],
])('a file that %s is reported, set aside and started without', async (_, text) => {
  const { logger, lines } = capturingLogger();
  const memory = fileKeyMemory(path, logger);
  await memory.save(keys);
  writeFileSync(path, text);
  expect(await memory.load()).toEqual([]);
  expect(readFileSync(`${path}.broken`, 'utf8')).toBe(text);
  expect(lines[0]).toMatchObject({ level: 50, path: `${path}.broken` });
  await memory.save(keys);
  expect(await memory.load()).toEqual(keys);
});

test('a place that cannot be used is an error', async () => {
  writeFileSync(join(directory, 'state'), 'a file');
  const memory = fileKeyMemory(path, capturingLogger().logger);
  await expect(memory.load()).rejects.toThrow('ENOTDIR');
  await expect(memory.save(keys)).rejects.toThrow('EEXIST');
});
