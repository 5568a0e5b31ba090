import { afterAll, expect, test } from 'vitest';
import { createPolicies } from '../src/policies/policies.ts';
import { deleteOutdatedCheckpoints } from '../src/store/kept-checkpoints.ts';
import { TENANT, createRolloutBed } from './support/rollout-bed.ts';

const bed = await createRolloutBed();
const { db, database } = bed;
const { pins, moves, reader } = createPolicies({ database, now: () => bed.clock });
afterAll(() => database.close());

/** A version with checkpoints 1 to `count`, the first of them very old. */
async function versionWith(count: number): Promise<string> {
  await bed.makePolicy();
  await db.sql(
    `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256, metadata, created_at)
     select $1, $2, 'v1', n, n, 'k' || n, repeat('0', 64), jsonb_build_object('decisions', n * 100),
            '2026-01-05T10:00:00Z'::timestamptz + n * interval '1 minute'
     from generate_series(1, $3) n`,
    [TENANT, bed.policy, count],
  );
  return bed.policy;
}
const pin = (policy: string, checkpoint: number | null, version = 'v1') =>
  pins.pin(TENANT, 'ann', policy, version, checkpoint);

test('checkpoints are listed, the newest first, page by page', async () => {
  const policy = await versionWith(5);
  const page = (before: number | undefined) => pins.list(TENANT, policy, 'v1', { before, limit: 2 });
  expect(await page(undefined)).toEqual([
    { number: 5, created_at: '2026-01-05T10:05:00.000Z', decisions: 500, kept: false },
    { number: 4, created_at: '2026-01-05T10:04:00.000Z', decisions: 400, kept: false },
  ]);
  expect((await page(4))?.map(({ number }) => number)).toEqual([3, 2]);
  expect(await pins.list(TENANT, policy, 'none', { before: undefined, limit: 2 })).toBeUndefined();
});

test('a version is held to one, which is kept from then on, and let go', async () => {
  const policy = await versionWith(60);
  expect(await pin(policy, 3)).toMatchObject({ outcome: 'done', version: { pinned_checkpoint: 3 } });
  expect(await reader.version(TENANT, policy, 'v1')).toMatchObject({ pinned_checkpoint: 3 });
  const working = { role: 'rlaas_worker' as const, tenants: [TENANT] };
  const removed = await database.transaction(working, (tx) =>
    deleteOutdatedCheckpoints(tx, Date.parse('2026-06-01T00:00:00Z'), 1_000),
  );
  expect(removed.length).toBeGreaterThan(30);
  const kept = await pins.list(TENANT, policy, 'v1', { before: 10, limit: 9 });
  expect(kept).toMatchObject([{ number: 3, kept: true }]);
  expect(await pin(policy, null)).toMatchObject({ outcome: 'done', version: { pinned_checkpoint: null } });
  const audited = await db.sql(
    `select actor, details from rlaas.audit_log where action = 'policy_version.pin' and object = $1 order by at`,
    [`${policy}/v1`],
  );
  expect(audited).toEqual(
    expect.arrayContaining([
      { actor: 'ann', details: { from: null, to: 3 } },
      { actor: 'ann', details: { from: 3, to: null } },
    ]),
  );
});

test('what is not there, and what decides no more, is held to nothing', async () => {
  const policy = await versionWith(2);
  expect(await pin(policy, 1, 'none')).toBeUndefined();
  expect(await pin('none', 1)).toBeUndefined();
  expect(await pin(policy, 3)).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('has no checkpoint 3'),
  });
  await moves.retire(TENANT, 'ann', policy, 'v1', false);
  expect(await pin(policy, 1)).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('is retired'),
  });
});
