import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commonEnvironment } from './common-environment.ts';
import { EnvironmentError } from './environment-error.ts';
import { readEnvironment } from './environment.ts';
import { csvField, portField } from './fields.ts';

const required = {
  INTERNAL_TOKEN: 'a'.repeat(32),
  DATABASE_URL: 'postgres://rlaas:very-secret@localhost:5432/rlaas',
};

function mistakesOf(source: Record<string, string | undefined>, file?: string): EnvironmentError {
  try {
    readEnvironment(commonEnvironment, { source, file });
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('readEnvironment', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rlaas-environment-'));
    file = join(directory, '.env');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('takes the environment before the file before the default', () => {
    const schema = z.object({
      A: z.string().default('default'),
      B: z.string().default('default'),
      C: z.string(),
    });
    writeFileSync(file, 'A=file\nC="file # with a hash"\n# comment\n');
    expect(readEnvironment(schema, { source: { A: 'environment' }, file })).toEqual({
      A: 'environment',
      B: 'default',
      C: 'file # with a hash',
    });
  });

  test('takes an empty text as absent, so that it hides neither file nor default', () => {
    writeFileSync(file, 'PORT=9000\nLIST=\n');
    const schema = z.object({ PORT: portField(80), LIST: csvField });
    expect(readEnvironment(schema, { source: { PORT: '', LIST: '' }, file })).toEqual({
      PORT: 9000,
      LIST: [],
    });
  });

  test('takes a file that is not there as empty, and refuses one that cannot be read', () => {
    expect(readEnvironment(commonEnvironment, { source: required, file }).LOG_LEVEL).toBe('info');
    expect(mistakesOf(required, directory).message).toContain('cannot be read');
  });

  test('has a default for everything but the two that are required', () => {
    expect(readEnvironment(commonEnvironment, { source: required })).toEqual({
      ...required,
      RLAAS_ENV: 'local',
      HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      AUTH_STALE_MAX: 3_600_000,
      TRUST_PROXY: [],
      RATE_LIMIT_PER_KEY: 5000,
      RATE_LIMIT_FAILED_AUTH: 20,
      SHUTDOWN_DELAY: 0,
      SHUTDOWN_TIMEOUT: 20_000,
      DATABASE_POOL_MAX: 10,
    });
  });

  test('is frozen, lists included', () => {
    const environment = readEnvironment(commonEnvironment, { source: required });
    expect(Object.isFrozen(environment)).toBe(true);
    expect(Object.isFrozen(environment.TRUST_PROXY)).toBe(true);
  });

  test('lists every mistake at once, with what was given and what is allowed', () => {
    const error = mistakesOf({
      INTERNAL_TOKEN: 'short-but-secret',
      LOG_LEVEL: 'loud',
      AUTH_STALE_MAX: '1 hour',
      TRUST_PROXY: '10.0.0.0/8, everyone',
      RATE_LIMIT_PER_KEY: '0',
    });
    expect(error.mistakes.map((mistake) => mistake.name).toSorted()).toEqual(
      [
        'AUTH_STALE_MAX',
        'DATABASE_URL',
        'INTERNAL_TOKEN',
        'LOG_LEVEL',
        'RATE_LIMIT_PER_KEY',
        'TRUST_PROXY',
      ].toSorted(),
    );
    expect(error.message).toContain('"loud": must be one of fatal, error');
    expect(error.message).toContain('"1 hour": must be a number and one unit');
    expect(error.message).toContain('not set: is required: must be a URL that begins with postgres://');
    expect(error.message).not.toContain('short-but-secret');
  });

  test('never prints the password of a URL', () => {
    const error = mistakesOf({ ...required, DATABASE_URL: 'mysql://rlaas:very-secret@localhost/rlaas' });
    expect(error.message).toContain('mysql://rlaas:****@localhost/rlaas');
    expect(error.message).not.toContain('very-secret');
  });

  test('refuses an unknown RLAAS_ variable from either place and names the nearest', () => {
    writeFileSync(file, 'RLAAS_BASEURL=http://x\n');
    const error = mistakesOf({ ...required, RLAAS_ENVIRONMENT: 'production', OTHER_PROGRAM: 'yes' }, file);
    expect(error.mistakes.map((mistake) => mistake.name).toSorted()).toEqual([
      'RLAAS_BASEURL',
      'RLAAS_ENVIRONMENT',
    ]);
    expect(error.message).toContain('did you mean RLAAS_ENV?');
    expect(error.message).toContain('did you mean RLAAS_BASE_URL?');
  });

  test('knows the RLAAS_ variables of the schema it reads', () => {
    const schema = z.object({ RLAAS_OWN: z.string() });
    expect(readEnvironment(schema, { source: { RLAAS_OWN: 'yes' } })).toEqual({ RLAAS_OWN: 'yes' });
  });

  test('says that a plain field without a message of its own is required', () => {
    expect(() => readEnvironment(z.object({ NAME: z.string() }), { source: {} })).toThrow(
      'NAME  not set: is required',
    );
  });
});
