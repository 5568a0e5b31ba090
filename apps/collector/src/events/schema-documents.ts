import { hash } from 'node:crypto';
import { type SchemasList, currentSchemaVersions, eventJsonSchema, eventTypes } from '@rlaas/schemas';

/** A JSON Schema of events as it is served. */
export interface SchemaDocument {
  json: string;
  /** Changes with the text. */
  etag: string;
}

/** The JSON Schemas of all types of events, made once. */
export function schemaDocuments(): {
  list: SchemasList;
  find: (type: string, version: number) => SchemaDocument | undefined;
} {
  const documents = new Map<string, SchemaDocument>();
  const items: SchemasList['items'] = [];
  for (const type of eventTypes) {
    for (let version = 1; version <= currentSchemaVersions[type]; version += 1) {
      const schema = eventJsonSchema(type, version);
      if (!schema) continue;
      const json = JSON.stringify(schema);
      documents.set(`${type}/${version}`, { json, etag: `"${hash('sha256', json).slice(0, 32)}"` });
      items.push({ type, version, url: `/v1/schemas/${type}/${version}` });
    }
  }
  return { list: { items }, find: (type, version) => documents.get(`${type}/${version}`) };
}
