import { eventSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { bodiesOf, makeEvents } from './events.ts';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const events = makeEvents(1_000, () => NOW);

test('every event is an outcome that the collector takes, of half a kilobyte', () => {
  for (const event of events) {
    expect(eventSchema.parse(event)).toEqual(event);
    const bytes = Buffer.byteLength(JSON.stringify(event));
    expect(bytes).toBeGreaterThanOrEqual(480);
    expect(bytes).toBeLessThanOrEqual(520);
  }
});

test('ids are new, and of this millisecond', () => {
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  const milliseconds = events.map((event) => Number.parseInt(event.id.replace('-', '').slice(0, 12), 16));
  expect(new Set(milliseconds)).toEqual(new Set([NOW]));
});

test('bodies hold all events in their order, the last one what is left', () => {
  const bodies = bodiesOf(events.slice(0, 250), 100).map(
    (body) => (JSON.parse(body) as { events: { id: string }[] }).events,
  );
  expect(bodies.map((body) => body.length)).toEqual([100, 100, 50]);
  expect(bodies.flat().map((event) => event.id)).toEqual(events.slice(0, 250).map((event) => event.id));
});
