import { expect, it } from 'vitest';
import { ObjectCorrupt } from '../object-store-error.ts';
import { diskError } from './disk-error.ts';

it.each([
  ['ENOSPC', 'store_full'],
  ['EDQUOT', 'store_full'],
  ['EACCES', 'store_refused'],
  ['EROFS', 'store_refused'],
  ['ENOTDIR', 'store_refused'],
  ['EIO', 'store_unavailable'],
])('%s becomes %s, and says what was tried', (code, expected) => {
  const cause = Object.assign(new Error('said'), { code });
  const error = diskError(cause, 'cannot store a/b');
  expect(error).toMatchObject({ code: expected, cause });
  expect(error.message).toContain(code);
  expect(error.message).toContain('cannot store a/b');
});

it('leaves an explained error as it is', () => {
  const error = new ObjectCorrupt('a/b', 'its end is missing');
  expect(diskError(error, 'anything')).toBe(error);
});
