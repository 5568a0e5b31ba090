import { z } from 'zod';

/**
 * Where the document says it otherwise than Zod. An object is closed only where the schema says `strict`: members are
 * added to answers within a version of the API, and no client may break on them. No answer is written as null, which
 * the document's generator takes as an answer without a body.
 */
export function jsonSchemaOverride({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodType;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined) {
    delete jsonSchema.additionalProperties;
  }
  if (zodSchema instanceof z.ZodUndefined) jsonSchema.type = 'null';
}
