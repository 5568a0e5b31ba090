import { newId } from '@rlaas/database';
import { expect, test } from 'vitest';
import { TENANT } from './support/event-store.ts';
import { startRewarding } from './support/rewarding.ts';

const POLICY = 'support-draft';
const SECOND = 1_000;
const { db, clock, told, createWorker, drain, store, specify, settle, rewards } =
  await startRewarding(POLICY);
const definition = {
  range: [-1, 1],
  window: { after: '10s', grace: '2s', early_when: 'has(e.sent)' },
  default: { value: -0.25, when: 'has(e.shown) && !has(e.sent)' },
  inputs: {
    shown: { event: 'outcome', name: 'shown', aggregate: 'any' },
    sent: { event: 'outcome', name: 'sent', aggregate: 'first' },
    reopened: { event: 'outcome', name: 'reopened', aggregate: 'any', default: false },
  },
  value: '(has(e.sent) ? e.sent : 0.0) - (e.reopened ? 0.5 : 0.0)',
};
await specify(definition);
const worker = createWorker();

const outcome = (decision: string, name: string, value: unknown, at = clock.now) => ({
  type: 'outcome',
  at,
  decision,
  data: { name, value },
});
async function decide(over: object = {}): Promise<string> {
  const [id = ''] = await store({ type: 'decision', at: clock.now, ...over });
  return id;
}
const only = async (id: string) => (await rewards(id))[0];

test('two workers share decisions; each has one reward, closed at its deadline and not before', async () => {
  const decisions: string[] = [];
  for (let n = 0; n < 60; n += 1) decisions.push(newId(clock.now));
  // A third of the events come before their decisions.
  await store(...decisions.slice(0, 20).map((id) => outcome(id, 'sent', true, clock.now + SECOND)));
  for (let from = 0; from < 60; from += 10) {
    await store(...decisions.slice(from, from + 10).map((id) => ({ type: 'decision', id, at: clock.now })));
  }
  const other = createWorker();
  await Promise.all([drain(worker.open), drain(other.open)]);
  expect((await rewards()).map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => 'pending'));
  await store(...decisions.slice(20, 40).map((id) => outcome(id, 'shown', true, clock.now + SECOND)));
  await drain(worker.open);

  clock.now += 11_999;
  expect(await worker.close()).toBe(0);
  clock.now += 1;
  await Promise.all([drain(worker.close), drain(other.close)]);
  const ends = Object.groupBy(await rewards(), ({ status, value, reason }) => `${status} ${value} ${reason}`);
  expect(Object.fromEntries(Object.entries(ends).map(([end, rows]) => [end, rows?.length]))).toEqual({
    'final 1 null': 20,
    'defaulted -0.25 null': 20,
    'inactive null no_events': 20,
  });
  expect(await db.sql('select from rlaas.batch_deliveries')).toEqual([]);
  expect(told.closed).toBe(60);
});

test('what comes after the deadline changes nothing and is counted', async () => {
  const id = await decide();
  await settle(worker);
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'inactive' });
  clock.now += SECOND;
  const before = told.late;
  await store(outcome(id, 'sent', true, clock.now - 10 * SECOND));
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'inactive', reason: 'no_events' });
  expect(told.late - before).toBe(1);
});

test('a decision that is looked at after its deadline closes at once', async () => {
  const at = clock.now;
  const [id = ''] = await store({ type: 'decision', at });
  await store(outcome(id, 'sent', 0.5, at + SECOND));
  clock.now += 60 * SECOND;
  await drain(worker.open);
  expect(await only(id)).toMatchObject({
    status: 'final',
    value: 0.5,
    components: { inputs: { sent: { value: 0.5 }, reopened: { value: false, events: [] } }, ignored: [] },
  });
});

test('what is complete is shown before the deadline, and closes with all others', async () => {
  const id = await decide();
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'pending', provisional_value: null });
  await store(outcome(id, 'sent', true));
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'pending', provisional_value: 1 });
  await store(outcome(id, 'reopened', true));
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'pending', provisional_value: 0.5, value: null });
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'final', value: 0.5, provisional_value: 0.5 });
});

test('an event in time that is still being written is waited for', async () => {
  const id = await decide();
  await settle(worker);
  const deadline = clock.now + 12 * SECOND;
  // A replica of the collector writes something that it received before the deadline.
  await db.sql('insert into rlaas.collector_heartbeats (replica, beat_at, settled_to) values ($1, $2, $3)', [
    newId(clock.now),
    'infinity',
    new Date(deadline - 1),
  ]);
  clock.now = deadline + 5 * SECOND;
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'pending' });
  await store({ ...outcome(id, 'sent', true, deadline - 3 * SECOND), receivedAt: deadline });
  await db.sql('update rlaas.collector_heartbeats set settled_to = $1', [new Date(deadline)]);
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'final', value: 1 });
  await db.sql('delete from rlaas.collector_heartbeats');
});

test('deadlines are put off by the time in which nothing could come in', async () => {
  const at = clock.now;
  const id = await decide();
  await settle(worker);
  await db.sql('insert into rlaas.ingest_gaps (began_at, ended_at) values ($1, $2)', [
    new Date(at + 5 * SECOND),
    new Date(at + 45 * SECOND),
  ]);
  clock.now = at + 12 * SECOND;
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'pending', deadline: new Date(at + 52 * SECOND) });
  expect(told.pushed).toBe(1);
  clock.now = at + 51 * SECOND;
  await store(outcome(id, 'sent', true, at + 9 * SECOND));
  clock.now = at + 52 * SECOND;
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'final', value: 1 });
  // One that is first looked at now has the same deadline as it would have had then.
  const late = newId(at);
  await store({ type: 'decision', id: late, at, receivedAt: at });
  await settle(worker);
  expect(await only(late)).toMatchObject({ status: 'inactive', deadline: new Date(at + 52 * SECOND) });
  await db.sql('delete from rlaas.ingest_gaps');
});

test('while no collector beats, nothing that ends then closes', async () => {
  const at = clock.now;
  const id = await decide();
  await db.sql('insert into rlaas.collector_heartbeats (replica, beat_at, settled_to) values ($1, $2, $3)', [
    newId(at),
    new Date(at + SECOND),
    'infinity',
  ]);
  clock.now = at + 60 * SECOND;
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'pending' });
  await db.sql('delete from rlaas.collector_heartbeats');
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'inactive' });
});

test('events name a decision by what the application calls it; the first decision of a name has it', async () => {
  await store({ type: 'outcome', at: clock.now, external: 'draft-1', data: { name: 'sent', value: 0.75 } });
  const first = await decide({ external: 'draft-1' });
  clock.now += SECOND;
  const second = await decide({ external: 'draft-1' });
  await settle(worker);
  expect(await only(first)).toMatchObject({ status: 'pending', provisional_value: 0.75 });
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(first)).toMatchObject({ status: 'final', value: 0.75 });
  expect(await only(second)).toMatchObject({ status: 'inactive', reason: 'no_events' });
  expect(await db.sql('select external_id, decision_id from rlaas.decision_aliases')).toEqual([
    { external_id: 'draft-1', decision_id: first },
  ]);
  // An earlier one that comes in later does not take the name away.
  const earlier = newId(clock.now - 60 * SECOND);
  await store({ type: 'decision', id: earlier, at: clock.now - 60 * SECOND, external: 'draft-1' });
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(earlier)).toMatchObject({ status: 'inactive', reason: 'no_events' });
});

test('what was superseded has no reward', async () => {
  const id = await decide();
  await store(outcome(id, 'sent', true));
  const by = await decide({ data: { supersedes: id } });
  await settle(worker);
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(id)).toMatchObject({
    status: 'inactive',
    reason: 'superseded',
    components: { superseded_by: by, ignored: [{ reason: 'inactive' }] },
  });
  // One that comes after the deadline takes nobody's place.
  const other = await decide();
  await store(outcome(other, 'sent', true));
  clock.now += 12 * SECOND;
  await settle(worker);
  await decide({ data: { supersedes: other } });
  await settle(worker);
  expect(await only(other)).toMatchObject({ status: 'final' });
});

test('a deferred decision counts when it was activated inside the window', async () => {
  const [used, unused, late] = [
    await decide({ data: { deferred: true } }),
    await decide({ data: { deferred: true } }),
    await decide({ data: { deferred: true } }),
  ];
  for (const id of [used, unused, late]) await store(outcome(id, 'sent', true));
  await store({ type: 'activation', at: clock.now + SECOND, decision: used });
  await store({ type: 'activation', at: clock.now + 11 * SECOND, decision: late });
  await settle(worker);
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(used)).toMatchObject({ status: 'final', value: 1 });
  expect(await only(unused)).toMatchObject({ status: 'inactive', reason: 'not_activated' });
  expect(await only(late)).toMatchObject({ status: 'inactive', reason: 'not_activated' });
});

test('a runtime error marks its decision and no other', async () => {
  await specify({ ...definition, value: 'e.sent / (e.reopened ? 0.0 : 2.0)' }, 2, new Date(clock.now));
  const [good, bad] = [await decide(), await decide()];
  await store(outcome(good, 'sent', true), outcome(bad, 'sent', true), outcome(bad, 'reopened', true));
  await settle(worker);
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(good)).toMatchObject({ status: 'final', value: 0.5, spec_version: 2 });
  expect(await only(bad)).toMatchObject({
    status: 'error',
    reason: 'not_finite',
    value: null,
    components: { error: { kind: 'not_finite', where: '/value', line: 1 } },
  });
});

test('a specification that cannot be used makes errors of its own decisions and stops nobody', async () => {
  await specify({ broken: true }, 3, new Date(clock.now));
  const broken = await decide();
  clock.now += SECOND;
  await specify(definition, 4, new Date(clock.now));
  const good = await decide();
  await settle(worker);
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(broken)).toMatchObject({ status: 'error', reason: 'specification_unusable' });
  expect(await only(good)).toMatchObject({ status: 'inactive', spec_version: 4 });
});

test('a round that fails gives its deliveries back', async () => {
  const id = await decide();
  await db.sql('alter table rlaas.rewards rename to rewards_away');
  await expect(worker.open()).rejects.toThrow('does not exist');
  await db.sql('alter table rlaas.rewards_away rename to rewards');
  expect(await db.sql('select consumer from rlaas.batch_deliveries')).toEqual([{ consumer: 'reward' }]);
  expect(await worker.open()).toBe(1);
  expect(await only(id)).toMatchObject({ status: 'pending' });
});

test('decisions of an import wait until it is complete, and then as long as all others', async () => {
  const importId = newId(clock.now);
  await db.sql(
    `insert into rlaas.imports (tenant_id, id, source, digest, id_base, created_at) values ($1, $2, 'test', repeat('a', 64), $2, now())`,
    [TENANT, importId],
  );
  const longAgo = clock.now - 86_400_000 * 300;
  const [id = ''] = await store({ type: 'decision', id: newId(clock.now), at: longAgo, importId });
  await settle(worker);
  clock.now += 86_400_000;
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'pending', deadline: Number.POSITIVE_INFINITY });
  await store({ ...outcome(id, 'sent', true, longAgo + 5 * SECOND), id: newId(clock.now), importId });
  await db.sql('update rlaas.imports set completed_at = $1', [new Date(clock.now)]);
  await Promise.all([worker.release(), createWorker().release()]);
  expect(await only(id)).toMatchObject({ status: 'pending', deadline: new Date(clock.now + 2 * SECOND) });
  // One that comes after the completion, by a delivery that was taken late, has its deadline at once.
  const [later = ''] = await store({ type: 'decision', id: newId(clock.now), at: longAgo, importId });
  await settle(worker);
  clock.now += 2 * SECOND;
  await settle(worker);
  expect(await only(id)).toMatchObject({ status: 'final', value: 1 });
  expect(await only(later)).toMatchObject({ status: 'inactive' });
});

test('a decision that is flooded with events is an error of its own', async () => {
  const [flooded, other] = [await decide(), await decide()];
  await store(
    ...Array.from({ length: 1_001 }, () => outcome(flooded, 'sent', true)),
    outcome(other, 'sent', true),
  );
  await settle(worker);
  clock.now += 12 * SECOND;
  await settle(worker);
  expect(await only(flooded)).toMatchObject({ status: 'error', reason: 'too_many_events', value: null });
  expect(await only(other)).toMatchObject({ status: 'final', value: 1 });
});
