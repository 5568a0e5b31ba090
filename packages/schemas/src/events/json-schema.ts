import { z } from 'zod';
import { type EventType, currentSchemaVersions, eventSchemasByType } from './event.ts';

/**
 * JSON Schema (2020-12) of an event, complete in itself. It says what Zod says but for the rules across the members of
 * a decision: unique ids, lengths, sums and equal probabilities.
 * @returns `undefined` for a version that there is not
 */
export function eventJsonSchema(type: EventType, version: number): Record<string, unknown> | undefined {
  if (version !== currentSchemaVersions[type]) return undefined;
  const document = z.toJSONSchema(eventSchemasByType[type], { target: 'draft-2020-12', io: 'input' });
  // Having an id, the event is among the definitions and referred to; it becomes the document itself.
  const name = document.$ref?.replace('#/$defs/', '') ?? '';
  const { [name]: event, ...definitions } = document.$defs ?? {};
  if (event === undefined) throw new Error(`the schema of ${type} has no id`);
  return {
    $schema: document.$schema,
    $id: `urn:rlaas:event:${type}:${version}`,
    title: event.title,
    description: event.description,
    ...event,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
}
