import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUuid, writeUuid } from './uuid-bytes.ts';

test('a UUID is read as it was written, in lower case', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.boolean(), (uuid, upper) => {
      const bytes = Buffer.alloc(20);
      writeUuid(upper ? uuid.toUpperCase() : uuid, bytes, 3);
      expect(readUuid(bytes, 3)).toBe(uuid);
    }),
  );
});

test.each([
  '',
  't',
  '0190a000-0000-7000-8000-00000000000',
  '0190a000-0000-7000-8000-00000000000g',
  'é'.repeat(36),
])('no UUID: %s', (text) => {
  expect(() => writeUuid(text, Buffer.alloc(16), 0)).toThrow(TypeError);
});
