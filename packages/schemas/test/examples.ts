import { type EventType, eventSchemasByType } from '../src/index.ts';

/** The first example of a type, with other data. */
export function exampleOf(type: EventType, data: unknown): object {
  const examples = eventSchemasByType[type].meta()?.['examples'] as object[] | undefined;
  return { ...examples?.[0], data };
}
