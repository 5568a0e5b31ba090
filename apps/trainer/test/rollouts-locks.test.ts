// What takes a while locks nothing: a version can be taken back meanwhile.
import type { RolloutDetails } from '@rlaas/schemas';
import { afterAll, expect, test } from 'vitest';
import { createRolloutWorker } from '../src/rollouts/rollout-worker.ts';
import { createRollouts } from '../src/rollouts/rollouts.ts';
import { holdQueries } from './support/held-queries.ts';
import { TENANT, createRolloutBed, done } from './support/rollout-bed.ts';

const bed = await createRolloutBed();
const { database, rollouts } = bed;
const { makePolicy, begin, approve, find, look, serve } = bed;
afterAll(() => database.close());

const rollBack = async (id: string): Promise<RolloutDetails> =>
  done(await rollouts.rollBack(TENANT, 'bob', id, { reason: 'customers complain' }));
/** Whether a query counts decisions of the policy that is tested. */
const counts = (text: string, values: readonly unknown[]): boolean =>
  text.includes('count(*)') && text.includes('rlaas.events') && values.includes(bed.policy);
const worker = (given = database) => {
  const failures: unknown[] = [];
  const { round } = createRolloutWorker({
    database: given,
    now: () => bed.clock,
    onMoved: () => undefined,
    onFailure: (_, error) => failures.push(error),
  });
  return { round, failures };
};

test('while somebody looks, however long that takes', async () => {
  await makePolicy();
  const { id } = await begin();
  await approve(id);
  await serve(50, { candidate: 'v1', incumbent: null, rewards: [0.5, 0.5], share: 0.25 });
  const held = holdQueries(
    database,
    (text, values) => text.includes('rlaas.events') && values.includes(bed.policy),
  );
  const { round, failures } = worker(held.database);
  const looking = round();
  await held.reached;
  await rollBack(id);
  held.goOn();
  await looking;
  // What it came to is of no use any more.
  expect(await find(id)).toMatchObject({ outcome: 'rolled_back', evidence: { units: 0 } });
  expect(failures).toEqual([]);
});

test('while what came in late is counted for an approval, which is then refused', async () => {
  await makePolicy({ dwell: '1d' });
  const { id } = await begin();
  await serve(50, { candidate: 'v1', incumbent: null, rewards: [0.5, 0.5] });
  await look();
  const { revision } = await find(id);
  const held = holdQueries(database, counts);
  const slow = createRollouts({ database: held.database, now: () => bed.clock });
  const approved = slow.approve(TENANT, 'ann', id, { revision, reason: 'go' });
  await held.reached;
  await rollBack(id);
  held.goOn();
  expect(await approved).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('It has ended'),
  });
});

test('and nothing is counted at each look while another version is in canary', async () => {
  await makePolicy({ canary_steps: [0.25], dwell: '1m' }, { versions: { v1: {}, v2: {} } });
  const { id } = await begin('v1');
  await serve(3_000, { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8] });
  const other = await begin('v2');
  await approve(other.id);
  await look();
  expect((await find(id)).evidence?.promote.fired).toBe(true);
  let counted = 0;
  const watched = holdQueries(database, (text, values) => {
    if (counts(text, values)) counted += 1;
    return false;
  });
  const { round, failures } = worker(watched.database);
  await round();
  expect({ counted, failures }).toEqual({ counted: 0, failures: [] });
  await rollBack(other.id);
  await round();
  expect((await find(id)).stage).toBe('canary');
  expect(counted).toBe(1);
});
