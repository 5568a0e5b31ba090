import { readFileSync, readdirSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventOf } from '../../test/event-arbitraries.ts';
import { currentSchemaVersions, eventSchemasByType, eventTypes } from './event.ts';
import { eventJsonSchema } from './json-schema.ts';

const FOLDER = new URL('../../../../config/schemas/events/', import.meta.url);

// The pattern beside it says more than the format.
const validator = new Ajv2020({ formats: { 'date-time': true } });

const ID = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const NAMES = 'abcdefghijklmnopqrstuvwxyz';
const REPLACEMENTS: readonly unknown[] = [
  null,
  true,
  0,
  1,
  -1,
  0.5,
  2,
  1e300,
  '',
  'x',
  'A b',
  NAMES.repeat(40),
  '\u{1f600}'.repeat(200),
  'up',
  'tie',
  ID,
  '2026-02-29T00:00:00.000Z',
  [],
  [0.5],
  {},
  { id: 'x' },
  { text: 'x' },
];

type Container = Record<string, unknown> | unknown[];

/** Every object and list within a value, itself among them. */
function containers(value: unknown): Container[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Container, ...Object.values(value).flatMap(containers)];
}

const REFERENCES = { policy: 'p', decision_id: ID, external_id: 'x', episode_id: 'x' };

const mutation = fc.record({
  kind: fc.constantFrom('replace', 'remove', 'add', 'refer', 'call'),
  where: fc.nat({ max: 1000 }),
  member: fc.nat({ max: 1000 }),
  replacement: fc.constantFrom(...REPLACEMENTS),
  reference: fc.constantFrom(...Object.entries(REFERENCES)),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

/** The event with one member replaced, removed or added. */
function mutated(event: Record<string, unknown>, { kind, ...pick }: Mutation): object {
  const copy = structuredClone(event);
  const all = containers(copy);
  const container = all[pick.where % all.length] as Record<string, unknown>;
  const keys = Object.keys(container);
  const key = keys[pick.member % Math.max(keys.length, 1)];
  if (kind === 'refer') copy[pick.reference[0]] = pick.reference[1];
  else if (kind === 'call') Object.assign(copy['data'] ?? {}, { messages_ref: 'x' });
  else if (Array.isArray(container)) {
    if (kind === 'remove') container.pop();
    else container.push(pick.replacement);
  } else if (kind === 'add' || key === undefined) container['unknown'] = pick.replacement;
  else if (kind === 'remove') delete container[key];
  else container[key] = pick.replacement;
  return copy;
}

describe.each(eventTypes)('%s', (type) => {
  const version = currentSchemaVersions[type];
  const schema = eventJsonSchema(type, version) ?? {};
  const isValid = validator.compile(schema);

  test('it says what it is, and gives examples that are valid', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:rlaas:event:${type}:${version}`,
      additionalProperties: false,
    });
    expect(schema['title']).toMatch(/^[A-Z]/);
    expect(schema['description']).toMatch(/\.$/);
    for (const example of schema['examples'] as unknown[]) expect(isValid(example)).toBe(true);
  });

  test('every member is described', () => {
    const definitions = (schema['$defs'] ?? {}) as Record<string, { description?: string }>;
    const bare = containers({ properties: schema['properties'], $defs: definitions })
      .flatMap((object) => Object.entries((object as { properties?: object }).properties ?? {}))
      .filter(([, member]) => {
        const { $ref, description } = member as { $ref?: string; description?: string };
        return !description && !definitions[$ref?.replace('#/$defs/', '') ?? '']?.description;
      })
      .map(([name]) => name);
    expect(bare).toEqual([]);
  });

  test('it takes every valid event', () => {
    fc.assert(
      fc.property(eventOf(type), (event) => {
        expect(isValid(event), JSON.stringify(isValid.errors)).toBe(true);
      }),
    );
  });

  test('it judges events with one mistake as Zod does', () => {
    fc.assert(
      fc.property(eventOf(type), mutation, (event, change) => {
        const wrong = mutated(event, change);
        const issues = eventSchemasByType[type].safeParse(wrong).error?.issues ?? [];
        // JSON Schema cannot compare members: unique ids, an index within a list, lengths, sums, equal probabilities.
        const sayable = issues.filter(
          ({ code, path }) => !(type === 'decision' && code === 'custom' && path[0] === 'data'),
        );
        expect(isValid(wrong), JSON.stringify({ wrong, issues })).toBe(sayable.length === 0);
      }),
      { numRuns: 1000 },
    );
  });

  test('the committed file is this', () => {
    const file = readFileSync(new URL(`${type}.v${version}.json`, FOLDER), 'utf8');
    expect(JSON.parse(file)).toEqual(schema);
  });
});

test('there is no schema of another version, and no file of one', () => {
  expect(eventJsonSchema('outcome', 2)).toBeUndefined();
  expect(readdirSync(FOLDER).toSorted()).toEqual(
    eventTypes.map((type) => `${type}.v${currentSchemaVersions[type]}.json`).toSorted(),
  );
});
