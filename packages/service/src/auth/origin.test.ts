import fc from 'fast-check';
import { expect, test } from 'vitest';
import { originAllowed } from './origin.ts';

const allowed = [
  'https://shop.example',
  'https://*.shop.example',
  'http://localhost:3000',
  'http://*.dev.test:8443',
];

test.each([
  'https://shop.example',
  'https://SHOP.example',
  'https://www.shop.example',
  'https://a.b.c.shop.example',
  'http://localhost:3000',
  'http://a.dev.test:8443',
])('%s is allowed', (origin) => {
  expect(originAllowed(origin, allowed)).toBe(true);
});

test.each([
  'http://shop.example',
  'https://shop.example:8443',
  'https://evilshop.example',
  'https://shop.example.evil.example',
  'https://www.shop.example:444',
  'https://.shop.example',
  'http://localhost:3001',
  'http://a.dev.test',
  'http://dev.test:8443',
  'https://evil.example/.shop.example',
  'https://evil.example?.shop.example',
  'https://user@www.shop.example',
  'null',
  '',
  '*',
  'https://*.shop.example',
])('%s is not', (origin) => {
  expect(originAllowed(origin, allowed)).toBe(false);
});

test('nothing is allowed that the browser would not put under the domain', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string(), (url, text) => {
      for (const origin of [
        new URL(url).origin,
        `${url}${text}.shop.example`,
        `https://${text}shop.example`,
      ]) {
        if (!originAllowed(origin, ['https://*.shop.example'])) continue;
        const parsed = new URL(origin);
        expect(parsed.origin).toBe(origin.toLowerCase());
        expect(parsed.hostname.endsWith('.shop.example')).toBe(true);
      }
    }),
  );
});
