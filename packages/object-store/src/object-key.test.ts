import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertKey, assertPrefix, isKey } from './object-key.ts';

describe('a key', () => {
  it.each([
    'a/b',
    'events/v1/tenant=01890a5d-ac96-774b-bcce-b302099a8057/dt=2026-01-01/run=1-g0-00ff.parquet',
    "a/!'()+,-.=@_~",
    `a/${'b'.repeat(255)}`,
  ])('may be %s', (key) => {
    expect(isKey(key)).toBe(true);
    expect(() => assertKey(key)).not.toThrow();
  });

  it.each([
    ['a', 'has no folder'],
    ['', 'has no folder'],
    ['/a', 'has an empty segment'],
    ['a//b', 'has an empty segment'],
    ['a/b/', 'has an empty segment'],
    ['a/../b', 'begins with a dot'],
    ['a/./b', 'begins with a dot'],
    ['a/.hidden', 'begins with a dot'],
    ['a/b c', 'may hold only'],
    ['a/b\n', 'may hold only'],
    ['a\\b/c', 'may hold only'],
    ['a/%2e%2e', 'may hold only'],
    ['a/ü', 'may hold only'],
    [`a/${'b'.repeat(256)}`, 'longer than 255'],
    [`a/${'b/'.repeat(600)}c`, 'longer than 1024'],
  ])('may not be %j', (key, message) => {
    expect(isKey(key)).toBe(false);
    expect(() => assertKey(key)).toThrow(message);
  });

  it('never leads out of a folder, whatever the text', () => {
    const part = fc.constantFrom('a', 'b=1', 'c', '/', '/', '.', '..', '\\', '\0', '%2e', '~');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const key = parts.join('');
        expect(!isKey(key) || resolve('/root', key) === `/root/${key}`).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a prefix', () => {
  it.each(['', 'a', 'a/', 'a/b', 'a/b=1/'])('may be %j', (prefix) => {
    expect(() => assertPrefix(prefix)).not.toThrow();
  });

  it.each(['/', 'a//', '../', 'a/../', 'a b'])('may not be %j', (prefix) => {
    expect(() => assertPrefix(prefix)).toThrow('The prefix');
  });
});
