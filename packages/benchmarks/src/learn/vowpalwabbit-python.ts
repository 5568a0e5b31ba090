import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const VOWPALWABBIT_VERSION = '9.11.9';
const INSTALL_TIMEOUT_MS = 180_000;

/** A Python that has VowpalWabbit, or why there is none. */
export type VowpalWabbitPython = { python: string } | { unreachable: string };

/**
 * Finds VowpalWabbit, installed from PyPI into a folder of its own the first time, and kept.
 * @param cache folder for what is kept between runs; made when missing
 */
export async function vowpalWabbitPython(
  cache: string,
  print: (line: string) => void,
): Promise<VowpalWabbitPython> {
  const folder = join(cache, `vowpalwabbit-${VOWPALWABBIT_VERSION}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return { python };
  print(`installing vowpalwabbit ${VOWPALWABBIT_VERSION} from PyPI, once`);
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  try {
    await install(unfinished);
    // It gets its name only when it is complete.
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (existsSync(python)) return { python };
    return { unreachable: lastLine(error) };
  }
  return { python };
}

async function install(folder: string): Promise<void> {
  const run = promisify(execFile);
  const options = { timeout: INSTALL_TIMEOUT_MS };
  await run('python3', ['-m', 'venv', folder], options);
  const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--timeout', '15'];
  const only = ['--no-deps', '--only-binary=:all:'];
  const wanted = `vowpalwabbit==${VOWPALWABBIT_VERSION}`;
  await run(join(folder, 'bin', 'python'), [...pip, ...only, wanted], options);
}

function lastLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n').at(-1) ?? message;
}
