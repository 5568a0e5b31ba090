import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DecisionEvent, IngestAnswer } from '@rlaas/schemas';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';
import { type Journal, openJournal } from './journal.ts';
import { frame, readSegment } from './segment.ts';
import { createShipper } from './shipper.ts';

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'rlaas-journal-'));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true });
});

let clock = Date.parse('2026-03-01T00:00:00.000Z');
const decision = (number: number): DecisionEvent => ({
  id: `019aadf0-6a00-7c3e-9d2b-${String(number).padStart(12, '0')}`,
  type: 'decision',
  schema_version: 1,
  occurred_at: new Date(clock).toISOString(),
  source: 'gateway',
  policy: 'p',
  data: {
    context: {},
    actions: [{ id: 'a' }],
    probabilities: [1],
    chosen: 0,
    propensity: 1,
    policy_version: null,
    checkpoint: null,
    mode: 'shadow_only',
  },
});
const open = (
  path: string,
  options: { torn?: (bytes: number) => void; segmentBytes?: number } = {},
): Journal =>
  openJournal({
    folder: path,
    now: () => clock,
    keepMs: 600_000,
    onTorn: (_, bytes) => options.torn?.(bytes),
    ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
  });
const ids = (journal: Journal): string[] => journal.kept().map((entry) => entry.event.id);

test('CRC-32C of the published check value', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

describe('a segment', () => {
  test('cut anywhere, or with any byte changed, gives a beginning of its entries and never another one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        (entries, at, change, cut) => {
          const bytes = Buffer.concat(entries.map(frame));
          const place = at % bytes.length;
          const damaged = cut ? bytes.subarray(0, place) : Buffer.from(bytes);
          if (!cut) damaged[place] = (damaged[place] ?? 0) ^ change;
          const read = readSegment(damaged).entries;
          expect(read.length).toBeLessThan(entries.length);
          const plain = (list: Uint8Array[]): number[][] => list.map((entry) => Array.from(entry));
          expect(plain(read)).toEqual(plain(entries.slice(0, read.length)));
        },
      ),
    );
  });
});

describe('the journal', () => {
  test('what was appended is there after a restart; a torn end is cut off and told', () => {
    const path = folder();
    const first = open(path);
    for (let number = 0; number < 5; number += 1) first.append({ tenantId: 't', event: decision(number) });
    first.close();
    const [segment = ''] = readdirSync(path);
    appendFileSync(join(path, segment), Buffer.from([9, 0, 0, 0, 1, 2]));
    let torn = 0;
    const second = open(path, { torn: (bytes) => (torn += bytes) });
    expect(torn).toBe(6);
    expect(ids(second)).toEqual([0, 1, 2, 3, 4].map((number) => decision(number).id));
    second.append({ tenantId: 't', event: decision(5) });
    second.close();
    const third = open(path);
    expect(ids(third)).toHaveLength(6);
    expect(third.waiting()).toBe(6);
    third.close();
  });

  test('segments are freed when they were shipped whole and nobody will repeat their decisions', () => {
    const path = folder();
    const journal = open(path, { segmentBytes: 1 });
    for (let number = 0; number < 4; number += 1) journal.append({ tenantId: 't', event: decision(number) });
    expect(readdirSync(path)).toHaveLength(5);
    journal.next(10, 1e6)?.shipped();
    expect(readdirSync(path)).toHaveLength(5);
    clock += 600_001;
    journal.next(10, 1e6)?.shipped();
    expect(readdirSync(path)).toHaveLength(3);
    expect(journal.waiting()).toBe(2);
    journal.close();
  });

  test('a batch is bounded by entries and bytes, and has at least one', () => {
    const journal = open(folder());
    for (let number = 0; number < 10; number += 1) journal.append({ tenantId: 't', event: decision(number) });
    expect(journal.next(3, 1e6)?.entries).toHaveLength(3);
    expect(journal.next(100, 1)?.entries).toHaveLength(1);
    journal.close();
  });
});

describe('the shipper', () => {
  const answer = (events: readonly unknown[], results: IngestAnswer['results'] = []): IngestAnswer => ({
    request_id: 'r',
    received_at: new Date(clock).toISOString(),
    counts: {
      received: events.length,
      accepted: events.length - results.length,
      duplicate: 0,
      rejected: results.filter((result) => result.status === 'rejected').length,
      retry: results.filter((result) => result.status === 'retry').length,
    },
    results,
  });

  test('tries until everything has arrived, each tenant apart; refused entries are set aside, not lost', async () => {
    const path = folder();
    const journal = open(path);
    for (let number = 0; number < 6; number += 1) {
      journal.append({ tenantId: number % 2 ? 'odd' : 'even', event: decision(number) });
    }
    const arrived: [string, string][] = [];
    let calls = 0;
    let failures = 0;
    const rejected: string[] = [];
    const shipper = createShipper({
      journal,
      rejectedFolder: join(path, 'rejected'),
      // A turn of the event loop, or nothing else would ever run.
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      onFailure: () => (failures += 1),
      onRejected: (entry) => rejected.push(entry.event.id),
      async send(tenantId, events) {
        calls += 1;
        if (calls === 1) throw new Error('connection refused');
        if (calls === 3)
          return answer(events, [{ index: 0, id: null, status: 'retry', code: 'not_persisted' }]);
        for (const event of events) arrived.push([tenantId, (event as DecisionEvent).id]);
        const refused = (events as DecisionEvent[]).findIndex((event) => event.id === decision(3).id);
        return answer(
          events,
          refused < 0 ? [] : [{ index: refused, id: null, status: 'rejected', code: 'id_conflict' }],
        );
      },
    });
    shipper.start();
    await expect.poll(() => journal.waiting()).toBe(0);
    await shipper.stop();
    expect(failures).toBe(2);
    expect(new Set(arrived.map(([, id]) => id)).size).toBe(6);
    expect(arrived.every(([tenant, id]) => (Number(id.slice(-1)) % 2 ? 'odd' : 'even') === tenant)).toBe(
      true,
    );
    expect(rejected).toEqual([decision(3).id]);
    expect(readFileSync(join(path, 'rejected', 'rejected.ndjson'), 'utf8')).toContain('"code":"id_conflict"');
    journal.close();
  });
});

test('an empty segment of a killed start is no obstacle', () => {
  const path = folder();
  writeFileSync(join(path, '0000000001.log'), '');
  const journal = open(path);
  journal.append({ tenantId: 't', event: decision(1) });
  journal.close();
  truncateSync(join(path, '0000000001.log'));
  expect(ids(open(path))).toEqual([decision(1).id]);
});
