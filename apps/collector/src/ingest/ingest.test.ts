import { newId } from '@rlaas/database';
import { expect, test } from 'vitest';
import { createIngest } from './ingest.ts';

test('until the partitions are known nothing is taken, and all is to be sent again', async () => {
  let written = 0;
  const told: string[] = [];
  const ingest = createIngest({
    committer: {
      commit: () => {
        written += 1;
        return 'full';
      },
      drained: async () => undefined,
    },
    subjectKeys: { hasherOf: () => Promise.reject(new Error('not asked')) },
    oldestIdMs: () => undefined,
    ledger: {
      received: (events) => told.push(`received ${events}`),
      times: () => told.push('times'),
      ended: ({ counts }) => told.push(`retry ${counts.retry}`),
      closed: (events) => told.push(`closed ${events}`),
    },
    now: () => 0,
    onSubjectKeyLost: () => told.push('lost'),
  });
  const id = newId(Date.now());
  const { results } = await ingest.take({
    tenantId: newId(0),
    origin: 'key',
    events: [{ id, subject: 'Ada' }, 'nonsense'],
    mode: 'partial',
  });
  expect(results).toEqual([
    { index: 0, id, status: 'retry', code: 'not_persisted' },
    { index: 1, id: null, status: 'retry', code: 'not_persisted' },
  ]);
  expect(written).toBe(0);
  expect(told).toEqual(['received 2', 'retry 2', 'closed 2']);
});
