import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IngestAnswer } from '@rlaas/schemas';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Journal } from './journal.ts';
import { type Send, type Sent, type Shipper, createShipper } from './shipper.ts';
import { OTHER, TENANT, TestClock, idOf, jsonOf, open, range, testFolder } from './testing/test-journal.ts';

function answered(received: number, results: IngestAnswer['results'] = []): Sent {
  const count = (status: string): number => results.filter((result) => result.status === status).length;
  const [rejected, retry] = [count('rejected'), count('retry')];
  return {
    kind: 'answered',
    answer: {
      request_id: 'r',
      received_at: '2026-03-01T09:30:00.000Z',
      counts: { received, accepted: received - rejected - retry, duplicate: 0, rejected, retry },
      results,
    },
  };
}

const refused = (status: number, code = 'unknown', pauseMs = 0): Sent => ({
  kind: 'refused',
  status,
  code,
  message: 'of the test',
  pauseMs,
});

interface Trial {
  folder: string;
  journal: Journal;
  shipper: Shipper;
  clock: TestClock;
  /** Numbers that the collector took, by tenant. */
  taken: Map<string, Set<number>>;
  failures: [message: string, tenantId: string | undefined][];
  rejected: string[];
}

type Collector = (tenantId: string, numbers: number[], signal: AbortSignal) => Promise<Sent> | Sent;

/** A journal with these decisions and a shipper to a collector that does as the test says. Pauses take no time. */
async function ship(
  decisions: readonly [tenantId: string, number: number][],
  collector: Collector,
  stopMs = 2_000,
): Promise<Trial> {
  const folder = testFolder();
  const clock = new TestClock();
  const journal = open(folder, { now: clock.now });
  await Promise.all(
    decisions.map(([tenantId, number]) => journal.append(tenantId, idOf(number), jsonOf(number))),
  );
  const taken = new Map<string, Set<number>>();
  const failures: Trial['failures'] = [];
  const rejected: string[] = [];
  const send: Send = async (tenantId, body, signal) => {
    const { events } = JSON.parse(body.toString()) as { events: { n: number }[] };
    const numbers = events.map(({ n }) => n);
    const sent = await collector(tenantId, numbers, signal);
    if (sent.kind === 'refused') return sent;
    const left = new Set(sent.answer.results.map(({ index }) => index));
    const there = taken.get(tenantId) ?? new Set<number>();
    taken.set(tenantId, there);
    for (const [index, number] of numbers.entries()) if (!left.has(index)) there.add(number);
    return sent;
  };
  const shipper = createShipper({
    shipments: journal.shipments,
    send,
    tidy: journal.tidy,
    now: clock.now,
    async pause(ms, signal) {
      clock.pass(ms);
      // The time for stopping is real: it must not be over at once.
      await sleep(ms === stopMs ? stopMs : 1, undefined, { signal }).catch(() => undefined);
    },
    stopMs,
    onShipped: () => undefined,
    onFailure: (error, tenantId) => failures.push([String(error), tenantId]),
    onRejected: ({ code, event }) => rejected.push(`${code} ${event}`),
  });
  onTestFinished(() => shipper.stop());
  shipper.start();
  return { folder, journal, shipper, clock, taken, failures, rejected };
}

const of = (tenantId: string, count: number, from = 0): [string, number][] =>
  range(count, from).map((number) => [tenantId, number]);
async function emptied({ journal }: Trial): Promise<void> {
  await expect.poll(() => journal.waiting().entries, { timeout: 10_000, interval: 2 }).toBe(0);
}

describe('the shipper', () => {
  test('a collector that fails in every way gets everything in the end, each tenant apart', async () => {
    let calls = 0;
    const ways: ((numbers: number[]) => Promise<Sent> | Sent)[] = [
      () => Promise.reject(new Error('connection refused')),
      () => refused(503, 'overloaded', 1_000),
      () => refused(429, 'rate_limited'),
      () => refused(500, 'internal_error'),
      () => refused(502),
      () => refused(403),
      () => refused(404, 'not_found'),
      (numbers) =>
        answered(
          numbers.length,
          numbers.map((_, index) => ({ index, id: null, status: 'retry' })),
        ),
      (numbers) => answered(numbers.length, [{ index: 0, id: null, status: 'retry', code: 'not_persisted' }]),
    ];
    const trial = await ship([...of(TENANT, 1_200), ...of(OTHER, 3, 5_000)], (_, numbers) => {
      const way = ways[calls++];
      return way ? way(numbers) : answered(numbers.length);
    });
    await emptied(trial);
    expect(trial.failures).toHaveLength(ways.length);
    expect([...(trial.taken.get(TENANT) ?? [])].toSorted((a, b) => a - b)).toEqual(range(1_200));
    expect(trial.taken.get(OTHER)).toEqual(new Set(range(3, 5_000)));
    expect(trial.rejected).toEqual([]);
  });

  test('a batch has at most 500 decisions, and one of a tenant is on its way at a time', async () => {
    const underWay = new Map<string, number>();
    const sizes: number[] = [];
    const trial = await ship([...of(TENANT, 1_100), ...of(OTHER, 700, 5_000)], async (tenantId, numbers) => {
      underWay.set(tenantId, (underWay.get(tenantId) ?? 0) + 1);
      expect(underWay.get(tenantId)).toBe(1);
      sizes.push(numbers.length);
      await new Promise((resolve) => setTimeout(resolve, 2));
      underWay.set(tenantId, 0);
      return answered(numbers.length);
    });
    await emptied(trial);
    expect(trial.failures).toEqual([]);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([100, 200, 500, 500, 500]);
  });

  test('what is refused for good is set aside with its reason; what came with it is taken', async () => {
    const trial = await ship(of(TENANT, 10), (_, numbers) => {
      const index = numbers.indexOf(4);
      return answered(
        numbers.length,
        index === -1
          ? []
          : [{ index, id: idOf(4), status: 'rejected', code: 'id_conflict', message: 'other' }],
      );
    });
    await emptied(trial);
    expect(trial.rejected).toEqual([`id_conflict ${jsonOf(4)}`]);
    const [file = ''] = readdirSync(join(trial.folder, 'rejected'));
    const line: unknown = JSON.parse(readFileSync(join(trial.folder, 'rejected', file), 'utf8'));
    expect(line).toEqual({
      rejected_at: expect.stringContaining(file.slice(0, 10)) as string,
      tenant_id: TENANT,
      code: 'id_conflict',
      message: 'other',
      event: JSON.parse(jsonOf(4)) as unknown,
    });
  });

  test('a body that cannot be taken is halved until only what is to blame is set aside', async () => {
    const trial = await ship(of(TENANT, 300), (_, numbers) =>
      numbers.includes(77) || numbers.length > 100 ? refused(400, 'invalid_json') : answered(numbers.length),
    );
    await emptied(trial);
    expect(trial.rejected).toEqual([`invalid_json ${jsonOf(77)}`]);
    expect(trial.taken.get(TENANT)).toEqual(new Set(range(300).filter((number) => number !== 77)));
  });

  test('nothing is given up because somebody in between answers that a body is too large', async () => {
    let mended = false;
    const trial = await ship(of(TENANT, 20), (_, numbers) =>
      mended ? answered(numbers.length) : refused(413),
    );
    await expect.poll(() => trial.failures.length).toBeGreaterThan(3);
    mended = true;
    await emptied(trial);
    expect(trial.rejected).toEqual([]);
    expect(trial.taken.get(TENANT)?.size).toBe(20);
  });

  test('a tenant that is refused, or whose requests hang, holds up nobody', async () => {
    const closed = '0190a000-0000-7000-8000-00000000000c';
    const mixed = range(400).flatMap((number): [string, number][] => [
      [TENANT, number],
      [OTHER, 1_000 + number],
      [closed, 2_000 + number],
    ]);
    const trial = await ship(mixed, (tenantId, numbers, signal) => {
      if (tenantId === closed) return refused(403);
      if (tenantId === TENANT) return answered(numbers.length);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    });
    await expect.poll(() => trial.taken.get(TENANT)?.size).toBe(400);
    await expect.poll(() => trial.journal.waiting().entries).toBe(800);
  });

  test('when it stops it ships what is there, and does not wait for what fails', async () => {
    const trial = await ship([], (tenantId, numbers) =>
      tenantId === OTHER ? refused(503) : answered(numbers.length),
    );
    await Promise.all(
      [...of(TENANT, 900), ...of(OTHER, 5, 5_000)].map(([tenantId, number]) =>
        trial.journal.append(tenantId, idOf(number), jsonOf(number)),
      ),
    );
    await trial.shipper.stop();
    expect(trial.taken.get(TENANT)?.size).toBe(900);
    expect(trial.journal.waiting().entries).toBe(5);
  });

  test('a request that hangs is given up when the time for stopping is over', async () => {
    const folder = testFolder();
    const journal = open(folder);
    await journal.append(TENANT, idOf(1), jsonOf(1));
    let asked = 0;
    const shipper = createShipper({
      shipments: journal.shipments,
      send: (_tenantId, _body, signal) => {
        asked += 1;
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      },
      tidy: journal.tidy,
      now: Date.now,
      pause: () => new Promise((resolve) => setTimeout(resolve, 5)),
      stopMs: 5,
      onShipped: () => undefined,
      onFailure: () => undefined,
      onRejected: () => undefined,
    });
    shipper.start();
    await expect.poll(() => asked).toBe(1);
    await shipper.stop();
    expect(journal.waiting().entries).toBe(1);
    await journal.close();
    expect(open(folder).waiting().entries).toBe(1);
  });

  test('it stops also when the disk refuses to read', async () => {
    const failures: unknown[] = [];
    const shipper = createShipper({
      shipments: {
        next: () => (failures.length < 3 ? Promise.reject(new Error('EIO')) : Promise.resolve(undefined)),
      },
      send: () => Promise.reject(new Error('nothing to send')),
      tidy: () => Promise.resolve(),
      now: Date.now,
      pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
      stopMs: 5_000,
      onShipped: () => undefined,
      onFailure: (error) => failures.push(error),
      onRejected: () => undefined,
    });
    shipper.start();
    await shipper.stop();
    expect(failures).toHaveLength(3);
  });
});
