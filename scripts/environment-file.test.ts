import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { ensureEnvironmentFile } from './environment-file.ts';

const EXAMPLE = fileURLToPath(new URL('../config/.env.example', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rlaas-env-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the file is made once, readable by its owner only, with every secret filled in', () => {
  const path = join(folder, '.env');
  expect(ensureEnvironmentFile(path, EXAMPLE)).toBe(true);
  const made = readFileSync(path, 'utf8');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const values = parseEnv(made);
  for (const name of [
    'INTERNAL_TOKEN',
    'RLAAS_MASTER_KEY',
    'POSTGRES_PASSWORD',
    'APP_DATABASE_PASSWORD',
    'MINIO_ROOT_PASSWORD',
  ]) {
    expect(values[name]).toMatch(/^[0-9a-f]{48}$/);
  }
  expect(new Set(Object.values(values)).size).toBe(Object.keys(values).length);
  expect(ensureEnvironmentFile(path, EXAMPLE)).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(made);
});
