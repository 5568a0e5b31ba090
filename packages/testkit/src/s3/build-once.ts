import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';

/**
 * Makes a folder that later runs find again. It gets its name only when it is complete, so that neither a killed
 * build nor two at the same time leave half of one.
 */
export async function buildOnce(folder: string, build: (unfinished: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  const unfinished = await mkdtemp(`${folder}.`);
  try {
    await build(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another run was faster: its folder is as good.
    if (!existsSync(folder)) throw error;
  }
}
