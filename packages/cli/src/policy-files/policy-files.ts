import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PolicyFile } from '@rlaas/schemas';
import { CommandError, EXIT } from '../exit-codes.ts';
import { type FileMistake, type MarkMistake, readPolicyText } from './policy-text.ts';

/** A policy file that holds, and where it is. */
export interface NamedPolicyFile extends PolicyFile {
  path: string;
  mark: MarkMistake;
}

const LARGEST_BYTES = 1_048_576;
const ENDING = /\.ya?ml$/;

/**
 * Reads the policy files that are named, and those in the folders that are named (not below them).
 * @throws CommandError when there is nothing to read
 */
export async function readPolicyFiles(
  paths: readonly string[],
): Promise<{ ok: true; files: NamedPolicyFile[] } | { ok: false; mistakes: FileMistake[] }> {
  const files: NamedPolicyFile[] = [];
  const mistakes: FileMistake[] = [];
  const seen = new Map<string, string>();
  for (const path of await findFiles(paths)) {
    const read = await readText(path);
    const parsed =
      'text' in read ? readPolicyText(path, read.text) : { ok: false as const, mistakes: [read] };
    if (!parsed.ok) {
      mistakes.push(...parsed.mistakes);
      continue;
    }
    const { policy } = parsed.file;
    const before = seen.get(policy);
    seen.set(policy, path);
    const wanted = `${policy}.yaml`;
    if (before !== undefined) {
      mistakes.push({ ...parsed.nameOf, message: `policy "${policy}" is in ${before} already` });
    } else if (basename(path).replace(ENDING, '') !== policy) {
      // So that nobody copies a file and changes the policy that it was copied from.
      mistakes.push({ ...parsed.nameOf, message: `policy "${policy}" belongs in a file named ${wanted}` });
    } else files.push({ ...parsed.file, path, mark: parsed.mark });
  }
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, files };
}

async function findFiles(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    const here = await stat(path).catch((cause: unknown) => {
      throw new CommandError(EXIT.usage, `There is no file or folder ${path}.`, { cause });
    });
    if (!here.isDirectory()) {
      found.add(path);
      continue;
    }
    const inside = (await readdir(path, { withFileTypes: true }))
      .filter((entry) => !entry.isDirectory() && ENDING.test(entry.name))
      .map((entry) => entry.name)
      .toSorted();
    if (inside.length === 0) throw new CommandError(EXIT.usage, `There is no *.yaml in ${path}.`);
    for (const name of inside) found.add(join(path, name));
  }
  return [...found];
}

async function readText(path: string): Promise<{ text: string } | FileMistake> {
  const refused = (message: string): FileMistake => ({ path, line: 1, column: 1, message, text: '' });
  const file = await open(path).catch((cause: unknown) => {
    throw new CommandError(EXIT.failed, `${path} cannot be read: ${String(cause)}`, { cause });
  });
  try {
    // One byte more than is allowed, also of what has no size, such as a pipe.
    const buffer = Buffer.alloc(LARGEST_BYTES + 1);
    let length = 0;
    for (let bytes = 1; bytes > 0 && length < buffer.length; length += bytes) {
      ({ bytesRead: bytes } = await file.read(buffer, length, buffer.length - length));
    }
    if (length > LARGEST_BYTES) return refused('the file is larger than 1 MiB');
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length)) };
  } catch (error) {
    if (error instanceof TypeError) return refused('the file is not UTF-8');
    throw error;
  } finally {
    await file.close();
  }
}
