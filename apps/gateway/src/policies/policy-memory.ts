import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { ServedRow } from '../store/served-policies.ts';

/** What was served last, on disk: with it a gateway decides also when it starts while Postgres is away. */
export interface PolicyMemory {
  /** @returns `undefined` when there is none; a file that is not one is set aside and told */
  load: () => Promise<ServedRow[] | undefined>;
  save: (rows: readonly ServedRow[]) => Promise<void>;
}

const fileSchema = z.object({
  version: z.literal(1),
  rows: z.array(
    z.object({
      tenant_id: z.string(),
      policy: z.string(),
      policy_configuration: z.unknown(),
      policy_row: z.string(),
      version: z.string().nullable(),
      status: z.enum(['active', 'canary', 'shadow']).nullable(),
      version_configuration: z.unknown(),
      checkpoint: z.number().nullable(),
      object_key: z.string().nullable(),
      sha256: z.string().nullable(),
      canary_share: z.number().nullable().default(null),
      salt: z.string().nullable().default(null),
      beside_baseline: z.boolean().nullable().default(null),
    }),
  ),
});

/** Policy memory in one JSON file of mode 0600, replaced as a whole: a crash leaves the old one or the new one. */
export function filePolicyMemory(
  path: string,
  onBroken: (path: string, error: unknown) => void,
): PolicyMemory {
  return {
    async load() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
      const parsed = parse(text);
      if (parsed.success) return parsed.data.rows;
      await rename(path, `${path}.broken`);
      onBroken(`${path}.broken`, parsed.error);
      return undefined;
    },
    async save(rows) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const next = `${path}.next`;
      const file = await open(next, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify({ version: 1, rows }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(next, path);
    },
  };
}

function parse(text: string) {
  try {
    return fileSchema.safeParse(JSON.parse(text));
  } catch (error) {
    return { success: false as const, error };
  }
}
