import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derivedId, isEventId, timeOf } from './event-id.ts';

const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

test('a derived id is a UUIDv7 of its time, the same for the same name only', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LAST_MS }), fc.string(), fc.string(), (ms, name, other) => {
      const id = derivedId(ms, name);
      expect(isEventId(id)).toBe(true);
      expect(timeOf(id)).toBe(ms);
      expect(derivedId(ms, name)).toBe(id);
      expect(derivedId(ms, other) === id).toBe(other === name);
    }),
  );
});

test('its other 74 bits are those of the SHA-256 of the name, as other languages can make them', () => {
  const bits = hash('sha256', 'shop/1', 'hex');
  expect(derivedId(0, 'shop/1').replaceAll('-', '').slice(0, 12)).toBe('000000000000');
  const id = derivedId(Date.parse('2026-03-01T09:30:00.000Z'), 'shop/1');
  expect(id.slice(0, 18)).toBe(`019ca8bb-b5c0-7${bits.slice(0, 3)}`);
  expect(Number.parseInt(id[19] ?? '', 16) & 3).toBe(Number.parseInt(bits[3] ?? '', 16) & 3);
  expect(id.slice(20)).toBe(`${bits.slice(4, 7)}-${bits.slice(7, 19)}`);
});

test.each([
  '019CA8B2-9400-7C3E-9D2B-5F0C1A2B3C4D',
  '019ca8b2-9400-4c3e-9d2b-5f0c1a2b3c4d',
  '019ca8b2-9400-7c3e-cd2b-5f0c1a2b3c4d',
  '019ca8b294007c3e9d2b5f0c1a2b3c4d',
  '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d\n',
  ' 019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
  'a'.repeat(36),
  '',
  7,
  null,
  ['019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d'],
])('%j is not an id', (id) => {
  expect(isEventId(id)).toBe(false);
});
