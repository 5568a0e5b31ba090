import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shownValue } from './shown-value.ts';

test('hides all of a secret', () => {
  for (const name of ['INTERNAL_TOKEN', 'RLAAS_API_KEY', 'DB_PASSWORD', 'client_secret']) {
    expect(shownValue(name, 'hunter2')).toBe('(hidden)');
  }
});

test('shows a URL without its password, also when the URL is broken', () => {
  expect(shownValue('DATABASE_URL', 'postgres://me:hunter2@host/db')).toBe('"postgres://me:****@host/db"');
  expect(shownValue('DATABASE_URL', 'postgres://me:hun/t@er2@host/db')).toBe('"postgres://me:****@host/db"');
  expect(shownValue('DATABASE_URL', 'postgres://host/db?user=me&password=hunter2&x=1')).toBe(
    '"postgres://host/db?user=me&password=****&x=1"',
  );
  expect(shownValue('BASE_URL', 'http://host:8080/a')).toBe('"http://host:8080/a"');
});

test('never shows a password, whatever characters it has', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6 }), (text) => {
      const password = `${text}-hunter2`;
      expect(shownValue('DATABASE_URL', `postgres://me:${password}@host/db`)).not.toContain('hunter2');
    }),
  );
});

test('cuts what is long', () => {
  expect(shownValue('HOST', 'x'.repeat(5000)).length).toBeLessThan(210);
});
