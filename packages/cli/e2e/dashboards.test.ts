import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newId } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import { findProgram } from '@rlaas/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DevStack, type Place, ask, interrupt, makePlace, startDev } from './dev-stack.ts';
import { ALERTS_FILE, type Prometheus, runPromtool, startPrometheus } from './prometheus.ts';

const promtool = findProgram('promtool', 'the rules of the alerts');
const prometheus = findProgram('prometheus', 'the expressions of the dashboards');
const DASHBOARDS = fileURLToPath(new URL('../../../config/grafana/dashboards/', import.meta.url));

interface Dashboard {
  title: string;
  panels: { id: number; title: string; targets: { expr: string }[] }[];
}

const dashboards = globSync('*.json', { cwd: DASHBOARDS }).map((name) => {
  return JSON.parse(readFileSync(join(DASHBOARDS, name), 'utf8')) as Dashboard;
});
const expressions = dashboards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) => panel.targets.map(({ expr }) => ({ where: `${title}: ${panel.title}`, expr }))),
);

/** Series under which an alert fires, as promtool writes them (a value each minute); and such under which it does not. */
const alerts: { name: string; fires: Record<string, string>[]; quiet: Record<string, string>[] }[] = [
  {
    name: 'DecisionsUnlogged',
    fires: [{ decisions_unlogged_total: '_x55 7x5' }, { decisions_unlogged_total: '7x55 9x5' }],
    quiet: [{ decisions_unlogged_total: '0x60' }, { decisions_unlogged_total: '7x60' }],
  },
  {
    name: 'JournalIsNotShipped',
    fires: [{ journal_waiting_entries: '20000x60' }, { journal_waiting_entries: '600+10x60' }],
    quiet: [{ journal_waiting_entries: '600x60' }, { journal_waiting_entries: '0+1x60' }],
  },
  {
    name: 'DecisionsRejected',
    fires: [{ journal_rejected_total: '7x55 9x5' }],
    quiet: [{ journal_rejected_total: '0x60' }],
  },
  {
    name: 'ArtefactsRefused',
    fires: [{ artefacts_refused: '1x60' }],
    quiet: [{ artefacts_refused: '0x60' }],
  },
  {
    name: 'VersionsFailToScore',
    fires: [{ decisions_failed_scoring_total: '7x55 9x5' }],
    quiet: [{ decisions_failed_scoring_total: '3x60' }],
  },
  {
    name: 'EventsUnbalanced',
    fires: [{ 'events_unbalanced{instance="a"}': '3x60' }, { events_unbalanced: '-1x60' }],
    quiet: [{ events_unbalanced: '0x60' }],
  },
  {
    name: 'EventsToBeSentAgain',
    fires: [{ events_retry_total: '0+10x60', events_received_total: '0+100x60' }],
    quiet: [
      { events_retry_total: '0+1x60', events_received_total: '0+1000x60' },
      { events_retry_total: '0x60', events_received_total: '0x60' },
    ],
  },
  {
    name: 'ManyEventsRejected',
    fires: [{ 'events_rejected_total{code="invalid_id"}': '0+20x60', events_received_total: '0+100x60' }],
    quiet: [{ 'events_rejected_total{code="invalid_id"}': '0+5x60', events_received_total: '0+100x60' }],
  },
  {
    name: 'EventPartitionsRunOut',
    fires: [{ partitions_ahead_days: '1x60' }],
    quiet: [{ partitions_ahead_days: '2x60' }],
  },
  {
    name: 'ConsumerFallsBehind',
    fires: [
      { 'deliveries_waiting{consumer="reward"}': '20000x60' },
      { 'deliveries_waiting{consumer="reward"}': '600+10x60' },
    ],
    quiet: [
      { 'deliveries_waiting{consumer="reward"}': '600x60' },
      { 'deliveries_waiting{consumer="reward"}': '9000-10x60' },
      { 'deliveries_waiting{consumer="reward"}': '0+1x60' },
    ],
  },
  {
    name: 'ClientsDropEvents',
    fires: [
      { 'client_dropped_events_total{reason="rejected"}': '_x55 7x5' },
      { 'client_dropped_events_total{reason="rejected"}': '7x55 9x5' },
    ],
    quiet: [{ 'client_dropped_events_total{reason="rejected"}': '7x60' }],
  },
  {
    name: 'EventsWaitTooLong',
    fires: [{ queue_age_seconds: '6x60' }],
    quiet: [{ queue_age_seconds: '0x58 6x0 0x1' }],
  },
  {
    name: 'NoEventsWereTaken',
    fires: [{ ingest_gap_seconds_total: '_x55 90x5' }, { ingest_gap_seconds_total: '0x55 90x5' }],
    quiet: [{ ingest_gap_seconds_total: '0x60' }, { ingest_gap_seconds_total: '90x60' }],
  },
  {
    name: 'RewardsWaitTooLong',
    fires: [{ reward_oldest_due_seconds: '400x60' }],
    quiet: [{ reward_oldest_due_seconds: '200x60' }, { reward_oldest_due_seconds: '0x52 400x5 0x3' }],
  },
  {
    name: 'RewardsFail',
    fires: [
      { 'reward_closed_total{status="error",reason="no_value"}': '_x55 7x5' },
      { 'reward_closed_total{status="error",reason="no_value"}': '7x55 9x5' },
    ],
    quiet: [
      { 'reward_closed_total{status="error",reason="no_value"}': '7x60' },
      { 'reward_closed_total{status="final",reason=""}': '7x55 9x5' },
    ],
  },
  {
    name: 'ManyEventsTooLate',
    fires: [
      { reward_late_events_total: '0+10x60', 'reward_closed_total{status="final",reason=""}': '0+100x60' },
    ],
    quiet: [
      { reward_late_events_total: '0+1x60', 'reward_closed_total{status="final",reason=""}': '0+100x60' },
      { reward_late_events_total: '0x55 9x5', 'reward_closed_total{status="final",reason=""}': '0x60' },
    ],
  },
  {
    name: 'TrainingFails',
    fires: [{ trainer_failures_total: '0+1x60' }],
    quiet: [{ trainer_failures_total: '0x60' }, { trainer_failures_total: '0x52 9x8' }],
  },
  {
    name: 'TrainingFallsBehind',
    fires: [{ trainer_oldest_waiting_seconds: '400x60', trainer_rewards_waiting: '1x60' }],
    quiet: [
      { trainer_oldest_waiting_seconds: '200x60', trainer_rewards_waiting: '1x60' },
      { trainer_oldest_waiting_seconds: '0x52 400x5 0x3', trainer_rewards_waiting: '0x52 1x5 0x3' },
    ],
  },
  {
    name: 'CheckpointsAreOld',
    fires: [{ trainer_checkpoint_age_seconds: '400x60' }],
    quiet: [
      { trainer_checkpoint_age_seconds: '2x60' },
      { trainer_checkpoint_age_seconds: '0x58 86400x0 0x1' },
    ],
  },
  {
    name: 'DecisionsCannotBeLearned',
    fires: [
      { 'trainer_decisions_refused_total{reason="reward_not_finite"}': '_x55 7x5' },
      { 'trainer_decisions_refused_total{reason="reward_not_finite"}': '7x55 9x5' },
    ],
    quiet: [{ 'trainer_decisions_refused_total{reason="reward_not_finite"}': '7x60' }],
  },
  {
    name: 'CheckpointsDamaged',
    fires: [{ trainer_checkpoints_refused_total: '7x55 8x5' }],
    quiet: [{ trainer_checkpoints_refused_total: '0x60' }, { trainer_checkpoints_refused_total: '7x60' }],
  },
  {
    name: 'VersionTakenBack',
    fires: [{ 'trainer_rollout_moves_total{cause="guardrail"}': '7x55 8x5' }],
    quiet: [
      { 'trainer_rollout_moves_total{cause="guardrail"}': '7x60' },
      { 'trainer_rollout_moves_total{cause="manual_rollback"}': '7x55 8x5' },
    ],
  },
  {
    name: 'RolloutFrozen',
    fires: [{ 'trainer_rollout_waits{policy="p",version="v",reason="left_out"}': '1x60' }],
    quiet: [
      { 'trainer_rollout_waits{policy="p",version="v",reason="evidence"}': '1x60' },
      { 'trainer_rollout_waits{policy="p",version="v",reason="left_out"}': '_x58 1x2' },
    ],
  },
  {
    name: 'ActiveVersionUnwatched',
    fires: [{ 'trainer_rollout_waits{policy="p",version="v",reason="unwatched"}': '1x60' }],
    quiet: [{ 'trainer_rollout_waits{policy="p",version="v",reason="unwatched"}': '_x50 1x10' }],
  },
  {
    name: 'RolloutsFail',
    fires: [{ trainer_rollout_failures_total: '0+1x60' }],
    quiet: [{ trainer_rollout_failures_total: '0x60' }, { trainer_rollout_failures_total: '0x52 9x8' }],
  },
  {
    name: 'RolloutsFallBehind',
    fires: [{ 'trainer_rollout_behind_seconds{policy="p",version="v"}': '1000x60' }],
    quiet: [
      { 'trainer_rollout_behind_seconds{policy="p",version="v"}': '100x60' },
      { 'trainer_rollout_behind_seconds{policy="p",version="v"}': '0x55 1000x5' },
    ],
  },
];

describe.skipIf(promtool === undefined)('alerts', () => {
  const tool = promtool ?? '';

  test('are rules that Prometheus takes, each with what to do', () => {
    const checked = runPromtool(tool, ['check', 'rules', ALERTS_FILE]);
    expect(checked.output).toContain('SUCCESS');
    expect(checked.code).toBe(0);
    const rules = readFileSync(ALERTS_FILE, 'utf8').split('- alert: ').slice(1);
    expect(rules.length).toBeGreaterThan(10);
    for (const rule of rules) expect(rule).toMatch(/^ +action: '.{20,}'$/m);
  });

  test('every alert about decisions, events, rewards, training and rollouts is tried here', () => {
    const group = readFileSync(ALERTS_FILE, 'utf8').split('- name: rlaas-decisions')[1] ?? '';
    const names = [...group.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(alerts.map(({ name }) => name)).toEqual(names);
  });

  test.each(alerts)('$name fires when it should, and only then', ({ name, fires, quiet }) => {
    const folder = mkdtempSync(join(tmpdir(), 'rlaas-alerts-'));
    const trial = (series: Record<string, string>, samples: object[]): object => ({
      interval: '1m',
      input_series: Object.entries(series).map(([metric, values]) => ({
        series: `rlaas_${/^(decisions|journal|artefacts)_/.test(metric) ? 'gateway_' : /^(reward|trainer)_/.test(metric) ? '' : 'collector_'}${metric}`,
        values,
      })),
      promql_expr_test: [
        {
          expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: '60m',
          exp_samples: samples,
        },
      ],
    });
    const firing = [{ labels: `{alertname="${name}"}`, value: 1 }];
    // JSON is YAML too.
    const file = join(folder, 'trials.yml');
    writeFileSync(
      file,
      JSON.stringify({
        rule_files: [ALERTS_FILE],
        evaluation_interval: '1m',
        tests: [...fires.map((series) => trial(series, firing)), ...quiet.map((series) => trial(series, []))],
      }),
    );
    const tested = runPromtool(tool, ['test', 'rules', file]);
    rmSync(folder, { recursive: true });
    expect(tested.output).toContain('SUCCESS');
    expect(tested.code).toBe(0);
  });
});

describe.skipIf(prometheus === undefined)('a Prometheus beside an installation under load', () => {
  let here: Place;
  let stack: DevStack;
  let server: Prometheus;
  let load: Promise<void>;
  const done = new AbortController();

  beforeAll(async () => {
    here = await makePlace();
    stack = startDev(here);
    await stack.ready;
    server = await startPrometheus(prometheus ?? '', here);
    load = runLoad(here, done.signal);
  });
  afterAll(async () => {
    done.abort();
    await load;
    await server.stop();
    await interrupt(stack);
    await here.remove();
  });

  test('there are dashboards, and their panels have names of their own', () => {
    expect(dashboards.map(({ title }) => title).toSorted()).toEqual([
      'RLaaS decisions',
      'RLaaS events',
      'RLaaS rewards',
      'RLaaS rollouts',
      'RLaaS services',
      'RLaaS training',
    ]);
    for (const { panels } of dashboards) {
      expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    }
  });

  test.each(expressions)('$where: $expr', async ({ expr }) => {
    // An unknown metric is no mistake to Prometheus: it answers nothing. NaN is nothing to look at either.
    await expect
      .poll(() => server.query(expr), { timeout: 60_000, interval: 500 })
      .toEqual(
        expect.arrayContaining([expect.objectContaining({ value: expect.toSatisfy(Number.isFinite) })]),
      );
  });

  test('every metric that an alert names is there', async () => {
    const names = new Set(
      readFileSync(ALERTS_FILE, 'utf8').match(/\brlaas_(?:collector|gateway|reward|trainer)_\w+/g),
    );
    expect(names.size).toBeGreaterThan(7);
    for (const name of names) {
      await expect.poll(() => server.query(name), { timeout: 30_000, message: name }).not.toEqual([]);
    }
  });

  test('events always end, and every end was seen', async () => {
    const total = async (name: string): Promise<number> =>
      (await server.query(`sum(rlaas_collector_events_${name}_total)`))[0]?.value ?? 0;
    await expect.poll(() => total('accepted'), { timeout: 30_000 }).toBeGreaterThan(0);
    await expect.poll(() => total('duplicate'), { timeout: 30_000 }).toBeGreaterThan(0);
    await expect.poll(() => total('rejected'), { timeout: 30_000 }).toBeGreaterThan(0);
    expect(await server.query('max_over_time(rlaas_collector_events_unbalanced[5m]) != 0')).toEqual([]);
  });
});

/** A little of everything that a dashboard shows, until it is enough. @throws when something is answered unlike it should */
async function runLoad({ origin }: Place, signal: AbortSignal): Promise<void> {
  const send = (path: string, body: unknown) =>
    ask(`${origin}${path}`, { key: SEED_API_KEY, method: 'POST', body });
  // Rewards that close at once, some of them as errors: those of the example wait for days.
  const saved = await ask(`${origin}/v1/reward-specs/quick`, {
    key: SEED_API_KEY,
    method: 'PUT',
    body: {
      definition: {
        range: [0, 1],
        window: { after: '1s', grace: '0s' },
        inputs: { sent: { event: 'outcome', name: 'sent', aggregate: 'first' } },
        value: '1.0 / e.sent',
        default: { value: 0 },
      },
    },
  });
  expect(saved.status).toBe(201);
  // And a version that learns from them, and is tested.
  const steps: [string, 'PUT' | 'POST', object][] = [
    ['/v1/policies/quick', 'PUT', { configuration: {} }],
    ['/v1/policies/quick/versions', 'POST', { name: 'v1', configuration: { learner: { bits: 8 } } }],
    ['/v1/rollouts', 'POST', { policy: 'quick', version: 'v1' }],
  ];
  for (const [path, method, body] of steps) {
    const answer = await ask(`${origin}${path}`, { key: SEED_API_KEY, method, body });
    expect([path, answer.status]).toEqual([path, 201]);
  }
  while (!signal.aborted) {
    const now = Date.now();
    for (const value of [undefined, 1, 0]) {
      const id = newId(now);
      const about = { occurred_at: new Date(now - 60_000).toISOString(), source: 'test' };
      const data = {
        context: {},
        actions: [{ id: 'a' }],
        probabilities: [1],
        chosen: 0,
        propensity: 1,
        policy_version: null,
        checkpoint: null,
        mode: 'baseline',
      };
      const said = {
        ...about,
        id: newId(now),
        type: 'outcome',
        decision_id: id,
        data: { name: 'sent', value },
      };
      const quick = await send('/v1/events', {
        events: [
          ...(value === undefined ? [] : [said]),
          { ...about, id, type: 'decision', policy: 'quick', data },
        ],
      });
      expect(quick.status).toBe(200);
    }
    await send('/v1/decisions', { policy: 'quick', actions: [{ id: 'a' }, { id: 'b' }] });
    const decided = await send('/v1/decisions', { policy: 'support-draft', context: { topic: 'billing' } });
    const outcome = (occurredAt: number, changes: object = {}): object => ({
      id: newId(now),
      type: 'outcome',
      occurred_at: new Date(occurredAt).toISOString(),
      source: 'test',
      decision_id: decided.body['id'],
      subject: 'customer-190',
      data: { name: 'sent', value: true },
      ...changes,
    });
    const again = outcome(now);
    const answer = await send('/v1/events', {
      events: [
        again,
        again,
        outcome(now - 7_200_000),
        outcome(now + 60_000),
        outcome(now, { type: 'nothing' }),
        outcome(now, { id: 'x' }),
      ],
    });
    // The subject is hashed, so the collector was given its master key.
    expect(answer.body['counts']).toEqual({ received: 6, accepted: 3, duplicate: 1, rejected: 2, retry: 0 });
    await send('/v1/dead-letters/replays', { limit: 10 });
    await ask(`${origin}/v1/events`, { key: 'not-a-key' });
    const report = await fetch(`${origin}/v1/client-reports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SEED_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        sdk: { name: 'test', version: '1' },
        drops: [{ reason: 'rejected', count: 1 }],
      }),
    });
    expect(report.status).toBe(204);
    // A little is enough, and leaves room for what is measured.
    await sleep(100);
  }
}
