import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonPointer } from './json-pointer.ts';

test('escapes what RFC 6901 escapes', () => {
  expect(jsonPointer(['a/b', 'm~n', 0, ''])).toBe('/a~1b/m~0n/0/');
  expect(jsonPointer([])).toBe('');
});

test('can be read back into the path', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (path) => {
      const parts = jsonPointer(path).split('/').slice(1);
      expect(parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))).toEqual(path);
    }),
  );
});
