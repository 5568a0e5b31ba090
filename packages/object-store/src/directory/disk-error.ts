import { ObjectStoreError, codeOf } from '../object-store-error.ts';

/**
 * Turns an error of the file system into one that says what to do.
 * @param what the attempt, as in "cannot store a/b"
 */
export function diskError(error: unknown, what: string): ObjectStoreError {
  if (error instanceof ObjectStoreError) return error;
  const options = { cause: error };
  const code = codeOf(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new ObjectStoreError(
        'store_full',
        `The disk of the object store is full (${code}): ${what}. Free some space or move the folder to a larger disk.`,
        options,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ObjectStoreError(
        'store_refused',
        `The file system does not allow it (${code}): ${what}. Let the service's user write to the folder of the object store.`,
        options,
      );
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new ObjectStoreError(
        'store_refused',
        `The folder of the object store cannot be used (${code}): ${what}. Set another folder.`,
        options,
      );
    default:
      return new ObjectStoreError(
        'store_unavailable',
        `The disk of the object store fails (${code ?? String(error)}): ${what}.`,
        options,
      );
  }
}
