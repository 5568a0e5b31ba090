import { chmod } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { BenchFailure } from '../bench-failure.ts';
import { percentile } from '../statistics.ts';
import { type Installation, startInstallation } from './installation.ts';

const POLICY = 'fresh';
const POLL_MS = 10;
const PATIENCE_MS = 30_000;
/** Checkpoints of a version are at least so far apart. */
const CHECKPOINT_EACH_MS = 2_000;

export const freshnessBench: Bench = {
  name: 'freshness',
  summary: 'from an outcome to the first decision by a checkpoint that learned it, with learn_early',
  run: (context) => runFreshnessBench(context, context.quick ? 10 : 80),
};

async function runFreshnessBench(context: BenchContext, trials: number): Promise<BenchResult> {
  const { releases, print, root, folder } = context;
  // Where root runs this, Postgres runs as somebody else, who must be able to enter.
  await chmod(folder, 0o755);
  const here = await releases.acquire(
    () => startInstallation(root, folder),
    (made) => made.stop(),
  );
  await install(here);
  const latencies = new Float64Array(trials);
  for (let trial = 0; trial < trials; trial += 1) {
    latencies[trial] = await measureOne(here);
    if ((trial + 1) % Math.ceil(trials / 10) === 0) print(`${trial + 1} of ${trials}`);
    // At no fixed place between two checkpoints.
    await sleep((trial * 617) % CHECKPOINT_EACH_MS);
  }
  const figure = (name: string, share: number) => ({
    name,
    unit: 'ms' as const,
    measured: [percentile(latencies, share)],
    reference: { name: 'checkpoint interval', measured: [CHECKPOINT_EACH_MS] },
  });
  const p95 = percentile(latencies, 0.95);
  return {
    figures: [figure('outcome acknowledged → decision that learned it, p50', 0.5), figure('  p95', 0.95)],
    notes: [
      `${trials} outcomes, one after the other, with learn_early and a window of an hour; without it the time counts from the deadline.`,
      `goal: p95 under 2 s plus the checkpoint interval of ${CHECKPOINT_EACH_MS / 1_000} s: ${p95 < 2_000 + CHECKPOINT_EACH_MS ? 'reached' : 'not reached'}`,
    ],
    details: { latencies: [...latencies] },
  };
}

async function install(here: Installation): Promise<void> {
  await ask(here, 'PUT', `/v1/reward-specs/${POLICY}`, {
    definition: {
      range: [0, 1],
      window: { after: '1h', grace: '0s', early_when: 'has(e.right)' },
      inputs: { right: { event: 'outcome', name: 'right', aggregate: 'first' } },
      value: 'has(e.right) ? e.right : 0.0',
    },
  });
  await ask(here, 'PUT', `/v1/policies/${POLICY}`, {
    configuration: { actions: [{ id: 'a' }, { id: 'b' }], rollout: { canary_steps: [0.5] } },
  });
  await ask(here, 'POST', `/v1/policies/${POLICY}/versions`, {
    name: 'v1',
    configuration: { learner: { learn_early: true } },
  });
  const { id } = await ask<{ id: string }>(here, 'POST', '/v1/rollouts', { policy: POLICY, version: 'v1' });
  for (const revision of [1, 2]) {
    await ask(here, 'POST', `/v1/rollouts/${id}/approve`, { revision, reason: 'to be measured' });
  }
  const end = performance.now() + PATIENCE_MS;
  while ((await decide(here, newId(Date.now()))).policy_version !== 'v1') {
    if (performance.now() > end) throw new BenchFailure('v1 never served');
    await sleep(100);
  }
}

interface Decided {
  policy_version: string | null;
  checkpoint: number | null;
}

function decide(here: Installation, id: string): Promise<Decided> {
  return ask(here, 'POST', '/v1/decisions', { id, policy: POLICY, context: { x: Math.random() } });
}

/** @returns milliseconds from the acknowledgement to the first decision by a checkpoint that learned it */
async function measureOne(here: Installation): Promise<number> {
  const id = newId(Date.now());
  await decide(here, id);
  await ask(here, 'POST', '/v1/events', {
    events: [
      {
        id: newId(Date.now()),
        type: 'outcome',
        occurred_at: new Date().toISOString(),
        source: 'bench',
        decision_id: id,
        data: { name: 'right', value: true },
      },
    ],
  });
  const acknowledgedAt = performance.now();
  /** When the first decision came by each checkpoint. */
  const seen = new Map<number, number>();
  for (;;) {
    const { checkpoint } = await decide(here, newId(Date.now()));
    if (checkpoint !== null && !seen.has(checkpoint)) {
      seen.set(checkpoint, performance.now());
      const learned = await learnedIn(here, id);
      const first = [...seen].find(([number]) => learned !== undefined && number >= learned);
      if (first) return first[1] - acknowledgedAt;
    }
    if (performance.now() - acknowledgedAt > PATIENCE_MS) throw new BenchFailure(`${id} was never learned`);
    await sleep(POLL_MS);
  }
}

/** The first checkpoint that learned a decision; `undefined`: none yet. */
async function learnedIn({ client }: Installation, id: string): Promise<number | undefined> {
  const { rows } = await client.query<{ number: number | null }>(
    `select min(c.number) as number from rlaas.training_log l
     join rlaas.checkpoints c
       on c.tenant_id = l.tenant_id and c.policy = l.policy and c.version = l.version and c.position >= l.position
     where l.policy = $1 and l.decision_id = $2`,
    [POLICY, id],
  );
  return rows[0]?.number ?? undefined;
}

async function ask<T>({ origin }: Installation, method: string, path: string, body: object): Promise<T> {
  for (const end = performance.now() + PATIENCE_MS; ;) {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${SEED_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    // A policy that was just made is known to gateways within 2 s.
    if (response.status !== 404 || performance.now() > end) {
      throw new BenchFailure(`${method} ${path}: ${response.status} ${text}`);
    }
    await sleep(POLL_MS);
  }
}
