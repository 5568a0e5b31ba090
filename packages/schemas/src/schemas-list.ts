import { z } from 'zod';
import { eventTypeSchema } from './events/event.ts';

/** Which JSON Schemas of events there are. */
export const schemasListSchema = z
  .object({
    items: z.array(
      z.object({
        type: eventTypeSchema,
        version: z.int().min(1).meta({ description: 'Version of the form, from 1.' }),
        url: z.string().meta({
          description: 'Where the JSON Schema is, on this origin.',
          examples: ['/v1/schemas/outcome/1'],
        }),
      }),
    ),
  })
  .meta({ id: 'SchemasList' });
export type SchemasList = z.infer<typeof schemasListSchema>;
