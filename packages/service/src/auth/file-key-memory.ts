import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import type { KeyMemory, RememberedKey } from './key-memory.ts';
import { keyRecordSchema } from './key-record.ts';

const fileSchema = z.object({
  version: z.literal(1),
  keys: z.array(z.object({ record: keyRecordSchema, verifiedAt: z.number(), usedAt: z.number() })),
});

/**
 * Key memory in one JSON file of mode 0600: hashes and what is known of them, never a key. It is replaced as a
 * whole, so a crash leaves the old file or the new one. A file that cannot be read as one is set aside as
 * `<path>.broken`, and the service starts without it.
 */
export function fileKeyMemory(path: string, logger: FastifyBaseLogger): KeyMemory {
  return { load, save };

  async function load(): Promise<RememberedKey[]> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
    const parsed = fileSchema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data.keys;
    const broken = `${path}.broken`;
    await rename(path, broken);
    logger.error({ path: broken, err: parsed.error }, 'the file of known keys is broken; it was set aside');
    return [];
  }

  async function save(keys: readonly RememberedKey[]): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    const next = `${path}.next`;
    const file = await open(next, 'w', 0o600);
    try {
      // An older `.next` keeps its mode when it is opened, so the mode is set again.
      await file.chmod(0o600);
      await file.writeFile(JSON.stringify({ version: 1, keys }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
    const directory = await open(dirname(path), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
