import { expect, it } from 'vitest';
import { contentName, isOurs, keyHash, parseContentName, temporaryName } from './entry-name.ts';

const sha256 = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';

it('reads back what it wrote, and never writes the same name twice', () => {
  const name = contentName('a/b', sha256);
  expect(parseContentName(name)).toEqual({ name, sha256, keyHash: keyHash('a/b') });
  expect(contentName('a/b', sha256)).not.toBe(name);
  expect(isOurs(name)).toBe(true);
  expect(isOurs(temporaryName('link'))).toBe(true);
  expect(isOurs(temporaryName('check'))).toBe(true);
});

it('takes nothing else for its own, least of all a way out of the folder', () => {
  const name = contentName('a/b', sha256);
  for (const target of [`../${name}`, `/tmp/${name}`, name.slice(1), `${name}\n`, '/etc/passwd', '..', ''])
    expect(parseContentName(target)).toBeUndefined();
  expect(isOurs('.DS_Store')).toBe(false);
});

it('lets a whole folder be moved, but no object get another name', () => {
  expect(keyHash('a/b')).toBe(keyHash('other/b'));
  expect(keyHash('a/b')).not.toBe(keyHash('a/B'));
});
