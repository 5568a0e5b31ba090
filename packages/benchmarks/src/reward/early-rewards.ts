import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import { BenchFailure } from '../bench-failure.ts';
import type { BenchDatabase } from '../ingest/bench-database.ts';
import type { Figure } from '../report/figure.ts';
import { percentile } from '../statistics.ts';
import { POLICY, definition } from './history.ts';

/** How often the service looks for work where there was none. */
const POLL_MS = 100;
const LOOK_MS = 2;
const PATIENCE_MS = 30_000;

/**
 * With a window of an hour: from the acknowledgement of the event that completes a decision until its provisional reward
 * can be read, one after the other.
 */
export async function measureEarly(
  { client, tenantId }: BenchDatabase,
  collector: { origin: string },
  decisions: number,
): Promise<{ figures: Figure[]; latencies: Float64Array }> {
  await client.query(
    'truncate rlaas.events, rlaas.ingest_batches, rlaas.rewards, rlaas.reward_specs cascade',
  );
  const early = {
    ...definition,
    window: { ...definition.window, early_when: 'has(e.shown) && has(e.score)' },
  };
  await client.query(
    'insert into rlaas.reward_specs (tenant_id, policy, version, definition) values ($1, $2, 1, $3)',
    [tenantId, POLICY, early],
  );
  const latencies = new Float64Array(decisions);
  for (let n = 0; n < decisions; n += 1) {
    const id = newId(Date.now());
    const about = { decision_id: id, occurred_at: new Date().toISOString(), source: 'bench' };
    const outcome = (name: string) => ({
      ...about,
      id: newId(Date.now()),
      type: 'outcome',
      data: { name, value: 0.5 },
    });
    await send(collector.origin, [decisionOf(id), outcome('shown')]);
    // At no fixed place between two looks of the service.
    await sleep(POLL_MS + ((n * 37) % POLL_MS));
    await send(collector.origin, [outcome('score')]);
    const acknowledgedAt = performance.now();
    await untilShown(client, id);
    latencies[n] = performance.now() - acknowledgedAt;
  }
  const figure = (name: string, share: number): Figure => ({
    name,
    unit: 'ms',
    measured: [percentile(latencies, share)],
    reference: { name: 'polling interval', measured: [POLL_MS] },
  });
  return { figures: [figure('completed → provisional reward, p50', 0.5), figure('  p95', 0.95)], latencies };
}

function decisionOf(id: string): object {
  return {
    id,
    type: 'decision',
    occurred_at: new Date().toISOString(),
    source: 'bench',
    policy: POLICY,
    data: {
      context: { topic: 'billing' },
      actions: [{ id: 'a' }, { id: 'b' }],
      probabilities: [1, 0],
      chosen: 0,
      propensity: 1,
      policy_version: null,
      checkpoint: null,
      mode: 'baseline',
    },
  };
}

async function send(origin: string, events: object[]): Promise<void> {
  const answer = await fetch(`${origin}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SEED_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
  });
  if (answer.status !== 200)
    throw new BenchFailure(`the collector answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

async function untilShown(client: BenchDatabase['client'], id: string): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ;) {
    const { rowCount } = await client.query(
      'select from rlaas.rewards where decision_id = $1 and provisional_value is not null',
      [id],
    );
    if (rowCount === 1) return;
    if (performance.now() > end) throw new BenchFailure('no provisional reward was shown');
    await sleep(LOOK_MS);
  }
}
