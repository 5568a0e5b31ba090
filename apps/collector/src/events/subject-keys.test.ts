import { expect, test } from 'vitest';
import { createSubjectKeys, refuseSubjects, takeHashedSubject } from './subject-keys.ts';

const MASTER = 'a master key of at least 32 characters';

/** Stands for the store: keeps the first sealed key of each tenant, counts how often it is asked. */
function keptKeys() {
  const sealed = new Map<string, Buffer>();
  const asked: string[] = [];
  return {
    sealed,
    asked,
    keep: async (tenantId: string, key: Buffer): Promise<Buffer> => {
      asked.push(tenantId);
      const stays = sealed.get(tenantId) ?? key;
      sealed.set(tenantId, stays);
      return stays;
    },
  };
}

test('a subject has one hash for a tenant, in every process, and another one for other tenants', async () => {
  const { keep, sealed, asked } = keptKeys();
  const keys = createSubjectKeys(MASTER, keep);
  const mine = await keys.hasherOf('mine');
  const hash = mine('ada');
  expect(hash).toHaveLength(32);
  expect(mine('ada')).toEqual(hash);
  expect(mine('bob')).not.toEqual(hash);
  expect((await keys.hasherOf('other'))('ada')).not.toEqual(hash);
  expect((await createSubjectKeys(MASTER, keep).hasherOf('mine'))('ada')).toEqual(hash);
  await keys.hasherOf('mine');
  expect(asked).toEqual(['mine', 'other', 'mine']);
  expect([...sealed.values()].every((key) => key.length === 12 + 32 + 16)).toBe(true);
});

test('of two processes that begin at once, both hash under the key that stays', async () => {
  const { keep } = keptKeys();
  const hashers = await Promise.all([1, 2].map(() => createSubjectKeys(MASTER, keep).hasherOf('mine')));
  expect(hashers[0]?.('ada')).toEqual(hashers[1]?.('ada'));
});

test('a key opens with its master key, for its tenant and untouched only', async () => {
  const { keep, sealed } = keptKeys();
  await createSubjectKeys(MASTER, keep).hasherOf('mine');
  const key = sealed.get('mine') ?? Buffer.alloc(0);
  await expect(createSubjectKeys(`${MASTER}!`, keep).hasherOf('mine')).rejects.toThrow('authenticate');
  sealed.set('other', key);
  await expect(createSubjectKeys(MASTER, keep).hasherOf('other')).rejects.toThrow('authenticate');
  const touched = Buffer.from(key);
  touched[20] = (touched[20] ?? 0) ^ 1;
  sealed.set('mine', touched);
  await expect(createSubjectKeys(MASTER, keep).hasherOf('mine')).rejects.toThrow('authenticate');
});

test('a key that could not be had is asked for again', async () => {
  let fails = true;
  const { keep } = keptKeys();
  const keys = createSubjectKeys(MASTER, async (tenantId, sealed) => {
    if (fails) throw new Error('lost');
    return keep(tenantId, sealed);
  });
  await expect(keys.hasherOf('mine')).rejects.toThrow('lost');
  fails = false;
  expect((await keys.hasherOf('mine'))('ada')).toHaveLength(32);
});

test('without a master key, or for a tenant that is gone, no subject is taken', async () => {
  const { keep, asked } = keptKeys();
  expect((await createSubjectKeys(undefined, keep).hasherOf('mine'))('ada')).toBeUndefined();
  expect(asked).toEqual([]);
  expect((await createSubjectKeys(MASTER, async () => null).hasherOf('gone'))('ada')).toBeUndefined();
  expect(refuseSubjects('ada')).toBeUndefined();
});

test('what was hashed before is 64 hexadecimal digits, and nothing else', () => {
  const digits = 'ab'.repeat(32);
  expect(takeHashedSubject(digits)).toEqual(Buffer.from(digits, 'hex'));
  for (const text of ['ada', digits.toUpperCase(), `${digits}0`, digits.slice(1), `${digits}\n`, '']) {
    expect(takeHashedSubject(text), text).toBeUndefined();
  }
});
