import { expect, test } from 'vitest';
import { findSecrets } from './find-secrets.ts';

// Put together here, so that this file itself holds none.
const random = ['4fJ9xQ0a1bC2', 'dE3fG4hJ5kL6mN7pQ8rS9tU0vW1xY2z3'].join('');

test('keys, private keys and long random values are found with their line', () => {
  expect(findSecrets(`x\nconst key = 'rlk_${random.slice(0, 12)}_${random.slice(12, 44)}';`)).toEqual([
    { line: 2, kind: 'an API key of RLaaS' },
  ]);
  expect(findSecrets(['-----BEGIN', 'PRIVATE', 'KEY-----'].join(' '))).toHaveLength(1);
  expect(findSecrets(`INTERNAL_TOKEN=${random}`)).toHaveLength(1);
});

test('the documented seed key, examples of one character and names are not', () => {
  expect(findSecrets("const SEED_API_KEY = 'acme-support-key';")).toEqual([]);
  expect(findSecrets(`rlk_${'0'.repeat(12)}_${'0'.repeat(32)}`)).toEqual([]);
  expect(findSecrets('INTERNAL_TOKEN=<at least 32 random characters>')).toEqual([]);
  expect(findSecrets('passwordFile: join(folder, `${dataFolder}.password`)')).toEqual([]);
});
