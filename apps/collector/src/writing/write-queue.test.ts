import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GROUP_BYTES, GROUP_ROWS, chunksOf, weightOf } from './chunk.ts';
import { WriteQueue } from './write-queue.ts';
import { chunkOf, rowOf } from '../../test/support/rows.ts';

const finish = () => undefined;

test('a request is cut into chunks that fit into groups, in its order, and nothing of it is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 1_000 }), (sizes) => {
      const request = chunkOf('a', 0, { rows: sizes.map((bytes) => rowOf({ bytes })) });
      const chunks = chunksOf(request);
      expect(chunks.flatMap((chunk) => chunk.rows)).toEqual(request.rows);
      for (const chunk of chunks) {
        expect(chunk.rows.length).toBeLessThanOrEqual(GROUP_ROWS);
        expect(weightOf(chunk).bytes <= GROUP_BYTES || chunk.rows.length === 1).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('one that wants all or nothing is not cut', () => {
  expect(chunksOf(chunkOf('a', 1_000, { atomic: true }))).toHaveLength(1);
});

test('tenants take turns, however much one of them sends', () => {
  const queue = new WriteQueue();
  for (let n = 0; n < 10; n += 1) queue.offer([{ chunk: chunkOf('loud', 400), finish }], 'loud', 0);
  queue.offer([{ chunk: chunkOf('quiet', 1), finish }], 'quiet', 0);
  const groups = [queue.take(), queue.take(), queue.take()].map((group) =>
    group.map(({ chunk }) => chunk.tenantId),
  );
  expect(groups).toEqual([['loud', 'quiet'], ['loud'], ['loud']]);
});

test('a tenant gets a quarter of the queue, and what is being written counts', () => {
  const queue = new WriteQueue({ rows: 400, bytes: 1_000_000 });
  expect(queue.offer([{ chunk: chunkOf('a', 100), finish }], 'a', 0)).toBe(true);
  expect(queue.offer([{ chunk: chunkOf('a', 1), finish }], 'a', 0)).toBe(false);
  expect(queue.offer([{ chunk: chunkOf('b', 100), finish }], 'b', 0)).toBe(true);
  const group = queue.take();
  expect(queue.admits('a')).toBe(false);
  queue.release(group);
  expect(queue.admits('a')).toBe(true);
  expect(queue.held).toEqual({ rows: 0, bytes: 0 });
});

test('all chunks of a request are taken or none', () => {
  const queue = new WriteQueue({ rows: 400, bytes: 1_000_000 });
  queue.offer([{ chunk: chunkOf('b', 1), finish }], 'b', 0);
  const chunks = [60, 60].map((rows) => ({ chunk: chunkOf('a', rows), finish }));
  expect(queue.offer(chunks, 'a', 0)).toBe(false);
  expect(queue.waiting.rows).toBe(1);
});

test('one that wants all or nothing is a group by itself, though it is larger than groups are', () => {
  const queue = new WriteQueue();
  queue.offer([{ chunk: chunkOf('a', 10), finish }], 'a', 0);
  queue.offer([{ chunk: chunkOf('b', 1_000, { atomic: true }), finish }], 'b', 0);
  queue.offer([{ chunk: chunkOf('c', 10), finish }], 'c', 0);
  const groups = [queue.take(), queue.take()].map((group) => group.map(({ chunk }) => chunk.tenantId));
  expect(groups).toEqual([['a', 'c'], ['b']]);
});

test('whatever is offered and taken, rows and bytes add up and every chunk comes out once, in order of its tenant', () => {
  const offer = fc.record({
    tenant: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    rows: fc.integer({ min: 1, max: 500 }),
    takes: fc.nat({ max: 2 }),
    atomic: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(offer, { maxLength: 80 }), (offers) => {
      const queue = new WriteQueue();
      const offered = new Map<string, object[]>();
      const taken = new Map<string, object[]>();
      const held: ReturnType<WriteQueue['take']>[] = [];
      const take = (): number => {
        const group = queue.take();
        held.push(group);
        for (const { chunk } of group)
          taken.set(chunk.tenantId, [...(taken.get(chunk.tenantId) ?? []), chunk]);
        return group.length;
      };
      for (const { tenant, rows, takes, atomic } of offers) {
        const chunk = chunkOf(tenant, rows, { atomic });
        if (queue.offer([{ chunk, finish }], tenant, 0)) {
          offered.set(tenant, [...(offered.get(tenant) ?? []), chunk]);
        }
        for (let n = 0; n < takes; n += 1) take();
      }
      while (take() > 0);
      expect(taken).toEqual(offered);
      expect(queue.waiting).toEqual({ rows: 0, bytes: 0 });
      for (const group of held) queue.release(group);
      expect(queue.held).toEqual({ rows: 0, bytes: 0 });
    }),
    { numRuns: 100 },
  );
});

test('an empty queue takes whatever a request can bring; it would be refused for ever otherwise', () => {
  const queue = new WriteQueue({ rows: 400, bytes: 1_000 });
  expect(queue.offer([{ chunk: chunkOf('a', 500), finish }], 'a', 0)).toBe(true);
  expect(queue.admits('b')).toBe(false);
});
