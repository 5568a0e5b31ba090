import { z } from 'zod';
import { uuidV7Schema } from './ids.ts';
import { timestampSchema } from './time.ts';
import { worded } from './wording.ts';

const sourceSchema = z
  .string(worded)
  .min(1)
  .max(200)
  .meta({
    description: 'Where the history comes from, for people, 1 to 200 characters.',
    examples: ['personalizer-export-2026-03.dsjson'],
  });
const digestSchema = z
  .string(worded)
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 as 64 hexadecimal digits in lower case')
  .meta({
    description:
      'SHA-256 of the whole source, 64 hexadecimal digits in lower case: the same is the same import.',
    examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  });

/** What is asked of a new import. */
export const createImportSchema = z
  .strictObject({ source: sourceSchema, digest: digestSchema }, worded)
  .meta({ id: 'CreateImport' });
export type CreateImport = z.infer<typeof createImportSchema>;

/** A history that enters. Asked for again with the same digest it is the same one, however far it has come. */
export const importSchema = z
  .object({
    import_id: uuidV7Schema.meta({ description: 'Id of the import, to be sent with its events.' }),
    id_base: uuidV7Schema.meta({
      description:
        'Ids of the events are UUIDv7 with the time of this one; the rest are 74 bits of SHA-256 over the import and the key of the row.',
    }),
    source: sourceSchema,
    digest: digestSchema,
    status: z.enum(['open', 'complete']).meta({
      description: '`open`: events are taken and its decisions wait; `complete`: it takes no more.',
    }),
    created_at: timestampSchema,
    completed_at: timestampSchema
      .nullable()
      .meta({ description: 'When it was completed; null: it is open.' }),
    events: z.int().min(0).meta({ description: 'Events of it that are stored.' }),
  })
  .meta({ id: 'Import' });
export type Import = z.infer<typeof importSchema>;
