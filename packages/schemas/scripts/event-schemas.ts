// Writes config/schemas/events/<type>.v<version>.json; a check fails when the committed files are not what this writes.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { currentSchemaVersions, eventJsonSchema, eventTypes } from '../src/index.ts';

const FOLDER = fileURLToPath(new URL('../../../config/schemas/events/', import.meta.url));

// Emptied first, so that a type or version that is no more leaves no file behind.
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
for (const type of eventTypes) {
  const version = currentSchemaVersions[type];
  const schema = eventJsonSchema(type, version);
  await writeFile(`${FOLDER}${type}.v${version}.json`, `${JSON.stringify(schema, null, 2)}\n`);
}
