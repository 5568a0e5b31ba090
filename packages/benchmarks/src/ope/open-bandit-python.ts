import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const OBP_VERSION = '0.5.7';
const INSTALL_TIMEOUT_MS = 300_000;
const NEEDED = ['numpy', 'pandas', 'scipy', 'scikit-learn', 'pyyaml', 'tqdm', 'matplotlib', 'seaborn'];

/** A Python that has Open Bandit Pipeline, or why there is none. */
export type OpenBanditPython = { python: string } | { unreachable: string };

/**
 * Finds Open Bandit Pipeline, installed from PyPI into a folder of its own the first time, and kept.
 * @param cache folder for what is kept between runs; made when missing
 */
export async function openBanditPython(
  cache: string,
  print: (line: string) => void,
): Promise<OpenBanditPython> {
  const folder = join(cache, `obp-${OBP_VERSION}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return { python };
  print(`installing obp ${OBP_VERSION} from PyPI, once`);
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  try {
    const run = promisify(execFile);
    const options = { timeout: INSTALL_TIMEOUT_MS };
    await run('python3', ['-m', 'venv', unfinished], options);
    const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--timeout', '15'];
    const made = join(unfinished, 'bin', 'python');
    await run(made, [...pip, ...NEEDED], options);
    // Its metadata leave newer Pythons out; its estimators do not. PyTorch is for other estimators: see the peer.
    await run(made, [...pip, '--no-deps', '--ignore-requires-python', `obp==${OBP_VERSION}`], options);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (existsSync(python)) return { python };
    const message = error instanceof Error ? error.message : String(error);
    return { unreachable: message.trim().split('\n').at(-1) ?? message };
  }
  return { python };
}
