import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventOf } from '../../test/event-arbitraries.ts';
import { mistakes } from '../../test/mistakes.ts';
import { currentSchemaVersions, eventSchema, eventSchemasByType, eventTypes } from './event.ts';

test('there are nine types, each with a schema and a version', () => {
  expect(eventTypes).toEqual([
    'decision',
    'inference',
    'outcome',
    'feedback',
    'demonstration',
    'preference',
    'reward',
    'activation',
    'episode_end',
  ]);
  expect(Object.keys(currentSchemaVersions)).toEqual(eventTypes);
  expect(eventSchema.options.map((option) => option.shape.type.value)).toEqual(eventTypes);
});

describe.each(eventTypes)('%s', (type) => {
  test('what is parsed equals what was sent', () => {
    fc.assert(
      fc.property(eventOf(type), (event) => {
        const sent = structuredClone(event);
        // Not by toStrictEqual, which takes a feature named "constructor" for the class of the object.
        expect(isDeepStrictEqual(eventSchema.parse(event), sent)).toBe(true);
        expect(isDeepStrictEqual(eventSchemasByType[type].parse(event), sent)).toBe(true);
        expect(isDeepStrictEqual(event, sent)).toBe(true);
      }),
    );
  });

  test('its examples are valid', () => {
    const examples: unknown = eventSchemasByType[type].meta()?.['examples'];
    expect(examples).not.toHaveLength(0);
    for (const example of examples as unknown[]) {
      expect(mistakes(eventSchema, example)).toEqual([]);
    }
  });
});

describe('the envelope', () => {
  const event = {
    id: '019ca8b8-1220-7e31-9f57-5061728394a5',
    type: 'reward',
    occurred_at: '2026-03-01T09:36:00.000Z',
    source: 'billing',
    decision_id: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
    data: { value: 0.75 },
  };

  test.each<[object, string]>([
    [{ id: '7' }, '/id must be a UUIDv7 in lower case'],
    [{ id: 7 }, '/id must be a string'],
    [{ id: undefined }, '/id is required'],
    [
      { type: 'click' },
      '/type must be one of decision, inference, outcome, feedback, demonstration, preference, reward, activation, episode_end',
    ],
    [{ schema_version: 2 }, '/schema_version must be 1'],
    [{ schema_version: null }, '/schema_version must be 1'],
    [
      { occurred_at: '2026-03-01T09:36:00+01:00' },
      '/occurred_at must be a time in UTC with milliseconds, such as 2026-03-01T09:30:00.000Z',
    ],
    [{ occurred_at: 1772357760000 }, '/occurred_at must be a string'],
    [{ source: '' }, '/source must not be empty'],
    [{ source: 'x'.repeat(101) }, '/source must have at most 100 characters'],
    [
      { policy: 'Support' },
      '/policy must be 1 to 63 of a-z, 0-9 and "-", and begin with a letter or a digit',
    ],
    [{ subject: 'x'.repeat(513) }, '/subject must have at most 512 characters'],
    [{ external_id: '' }, '/external_id must not be empty'],
    [{ episode_id: 'x'.repeat(257) }, '/episode_id must have at most 256 characters'],
    [{ colour: 'red', size: 1 }, '/ has unknown members: "colour", "size"'],
    [{ data: undefined }, '/data is required'],
    [{ data: [] }, '/data must be an object'],
    [{ data: { value: 1, colour: 'red' } }, '/data has unknown members: "colour"'],
  ])('%j', (change, mistake) => {
    expect(mistakes(eventSchema, event)).toEqual([]);
    expect(mistakes(eventSchema, { ...event, ...change })[0]).toBe(mistake);
  });

  test.each([null, 'event', 7, []])('%j is no event', (value) => {
    const [mistake] = mistakes(eventSchema, value);
    expect(mistake).toMatch(/^\/ must be an object$|^\/type must be one of /);
  });
});
