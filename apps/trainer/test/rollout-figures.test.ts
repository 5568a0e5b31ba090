import { Registry } from 'prom-client';
import { afterAll, expect, test } from 'vitest';
import { createRolloutMetrics } from '../src/metrics/rollout-metrics.ts';
import { readOpenFigures } from '../src/rollouts/open-figures.ts';
import { TENANT, createRolloutBed } from './support/rollout-bed.ts';

const bed = await createRolloutBed();
afterAll(() => bed.database.close());
const unread: string[] = [];
const figures = () =>
  readOpenFigures(bed.database, new Map([[TENANT, 'acme']]), bed.clock, (id) => unread.push(id));

test('rollouts that go on are shown as far as they are, and no more when they have ended', async () => {
  await bed.makePolicy({ dwell: '1d' });
  const { id } = await bed.begin();
  expect((await figures()).shown).toMatchObject([
    { tenant: 'acme', stage: 'shadow', share: 0, units: 0, estimates: [], behindSeconds: 0 },
  ]);
  await bed.serve(300, { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8] }, { imported: true });
  await bed.serve(600, { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8] });
  bed.clock += 3_600_000;
  // Nobody has looked yet: the first decision waits, less the longest that its episode could have lasted.
  const [waiting] = (await figures()).shown;
  expect(waiting?.behindSeconds).toBeCloseTo(90 + 61 + 1, 0);
  await bed.look();
  const { open, shown } = await figures();
  expect(open).toBe(1);
  const [one] = shown;
  expect(one).toMatchObject({
    units: 600,
    leftOut: 0,
    uncounted: { imported: 300 },
    evidence: { promote: 1, improve: 1, 'sample ratio': 0, 'guardrail failures': 0, 'guardrail left_out': 0 },
    waitingFor: ['dwell'],
    behindSeconds: 0,
  });
  const [candidate, incumbent] = one?.estimates ?? [];
  expect(candidate?.mean).toBeGreaterThan(incumbent?.mean ?? 1);
  expect(candidate?.low).toBeLessThan(candidate?.mean ?? 0);
  expect(candidate?.high).toBeGreaterThan(candidate?.mean ?? 1);

  const registry = new Registry();
  const metrics = createRolloutMetrics(registry);
  metrics.seen(open, shown);
  const labels = `tenant="acme",policy="${bed.policy}",version="v1"`;
  const told = await registry.metrics();
  const lines = [
    'rlaas_trainer_rollouts_open 1',
    `rlaas_trainer_rollout_share{${labels},stage="shadow"} 0`,
    `rlaas_trainer_rollout_units{${labels},reward="known"} 600`,
    `rlaas_trainer_rollout_uncounted{${labels},reason="imported"} 300`,
    `rlaas_trainer_rollout_evidence{${labels},test="improve"} 1`,
    `rlaas_trainer_rollout_waits{${labels},reason="dwell"} 1`,
    'rlaas_trainer_rollout_moves_total{cause="guardrail"} 0',
  ];
  expect(lines.filter((line) => !told.split('\n').includes(line))).toEqual([]);

  await bed.rollouts.rollBack(TENANT, 'bob', id, { reason: 'enough' });
  const after = await figures();
  expect(after).toEqual({ open: 0, shown: [] });
  metrics.seen(after.open, after.shown);
  expect(await registry.metrics()).not.toContain('version="v1"');
});

test('one that cannot be read is told, and does not hide the others', async () => {
  await bed.makePolicy({}, { versions: { v1: {}, v2: {} } });
  const { id } = await bed.begin('v1');
  await bed.begin('v2');
  await bed.db.sql(`update rlaas.rollouts set terms = '{}' where id = $1`, [id]);
  const { open, shown } = await figures();
  expect({ open, shown: shown.map(({ version }) => version), unread }).toEqual({
    open: 2,
    shown: ['v2'],
    unread: [id],
  });
});
