// How an object lies on disk. The content is a hidden file whose name carries its checksum; the key is a symbolic link
// to it in the same folder:
//
//   events/v1/run=1.parquet -> .5891b5b5…-1f3870be274f6c49-9c41e2a07d3b5f68
//                              .<SHA-256>-<key's hash>-<random>
//
// One step makes the link, and so the content and its checksum become visible together or not at all. The key stays a
// file name with the plain content behind it, which any tool reads. Whatever begins with a dot is no object.
import { createHash, randomBytes } from 'node:crypto';
import { basename } from 'node:path';

/** The parts of a content file's name that say something. */
export interface ContentName {
  name: string;
  sha256: string;
  keyHash: string;
}

const CONTENT = /^\.([0-9a-f]{64})-([0-9a-f]{16})-[0-9a-f]{16}$/;
const TEMPORARY = /^\.(?:link|check)-[0-9a-f]{16}$/;

const random = (): string => randomBytes(8).toString('hex');

/** A new name for a content of this key; no other writer has the same. */
export function contentName(key: string, sha256: string): string {
  return `.${sha256}-${keyHash(key)}-${random()}`;
}

/** A new name for something that lives for a moment only. */
export function temporaryName(what: 'link' | 'check'): string {
  return `.${what}-${random()}`;
}

/** Reads the target of a link; `undefined` when it is not one that this store makes. */
export function parseContentName(target: string): ContentName | undefined {
  const [, sha256, hash] = CONTENT.exec(target) ?? [];
  return sha256 === undefined || hash === undefined ? undefined : { name: target, sha256, keyHash: hash };
}

/** Whether a file of this name can be what a killed writer left. */
export function isOurs(name: string): boolean {
  return CONTENT.test(name) || TEMPORARY.test(name);
}

/** Tells that a link was moved by hand, or that the file system takes `A` and `a` for one name. */
export function keyHash(key: string): string {
  return createHash('sha256').update(basename(key)).digest('hex').slice(0, 16);
}
