// `rlaas rollout` against a whole installation: what it prints, and what gateways make of it.
import { newId } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../src/exit-codes.ts';
import { runCli } from '../test/run-cli.ts';
import { type DevStack, type Place, ask, interrupt, makePlace, startDev } from './dev-stack.ts';

let here: Place;
let stack: DevStack;
beforeAll(async () => {
  here = await makePlace();
  stack = startDev(here);
  await stack.ready;
});
afterAll(async () => {
  await interrupt(stack);
  await here.remove();
});

const VERSION = ['support-draft', 'support-draft-v0'];
const rollout = (...args: string[]) =>
  runCli(['rollout', ...args], { RLAAS_API_KEY: SEED_API_KEY, RLAAS_BASE_URL: here.origin });
/** Who decides: asked of the gateway. */
const decide = async (): Promise<{ mode: string; version: string | null }> => {
  const { body } = await ask(`${here.origin}/v1/decisions`, {
    key: SEED_API_KEY,
    method: 'POST',
    body: { id: newId(Date.now()), policy: 'support-draft', context: { language: 'en' } },
  });
  return { mode: String(body['mode']), version: body['policy_version'] as string | null };
};

test('a version is started, shown, approved step by step and taken back, in every gateway within 2 s', async () => {
  const none = await rollout('list');
  expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('No rollout goes on; --all') });
  expect(await rollout('list', 'support-draft')).toMatchObject({ code: 0 });
  expect(await rollout('list', 'nothing')).toMatchObject({
    code: EXIT.failed,
    stderr: expect.stringContaining('no policy "nothing"'),
  });
  const missing = await rollout('show', ...VERSION);
  expect(missing).toMatchObject({
    code: EXIT.failed,
    stderr: expect.stringContaining('rlaas rollout start'),
  });

  const started = await rollout('start', ...VERSION);
  expect(started).toMatchObject({ code: 0, stdout: expect.stringContaining('against baseline: shadow') });
  const again = await rollout('start', ...VERSION);
  expect(again).toMatchObject({ code: EXIT.failed, stderr: expect.stringContaining('goes on') });
  const early = await rollout('advance', ...VERSION);
  expect(early).toMatchObject({ code: EXIT.failed, stderr: expect.stringContaining('cannot go on yet') });
  expect((await rollout('list', 'support-draft')).stdout).toContain('evidence');
  const unsure = await rollout('approve', ...VERSION, '--reason', 'look');
  expect(unsure).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('--yes') });

  for (const reason of ['', ' ', '--yes']) {
    const without = await rollout('approve', ...VERSION, '--reason', reason, '--yes');
    expect(without).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('--reason') });
  }
  const other = await rollout('approve', ...VERSION, '--reason', 'x', '--yes', '--to', 'active');
  expect(other).toMatchObject({
    code: EXIT.failed,
    stderr: expect.stringContaining('is 1 % of the traffic (canary), not all of the traffic (active)'),
  });
  const first = await rollout('approve', ...VERSION, '--reason', 'x', '--yes', '--to', '.01');
  expect(first.stdout).toContain('canary, share 1 %');
  // A script that runs twice takes one step.
  const twice = await rollout('approve', ...VERSION, '--reason', 'x', '--yes', '--to', '.01');
  expect(twice).toMatchObject({
    code: EXIT.failed,
    stderr: expect.stringContaining('is 5 % of the traffic'),
  });

  // The other steps of the default: 5, 25 and 50 %, then all.
  for (let step = 0; step < 4; step += 1) {
    const approved = await rollout('approve', ...VERSION, '--reason', 'we want to see it', '--yes');
    expect(approved.code).toBe(0);
  }
  const { stdout } = await rollout('show', ...VERSION);
  expect(stdout).toContain('active, share 100 %');
  expect(stdout).toContain('approval: we want to see it');
  expect(stdout).toContain('Steps that were approved were not shown by it.');
  await expect
    .poll(decide, { timeout: 2_000, interval: 50 })
    .toEqual({ mode: 'live', version: 'support-draft-v0' });

  const back = await rollout('rollback', ...VERSION, '--reason', 'customers complain', '--yes', '--json');
  expect(JSON.parse(back.stdout)).toMatchObject({ stage: 'ended', outcome: 'rolled_back', share: 0 });
  await expect.poll(decide, { timeout: 2_000, interval: 50 }).toEqual({ mode: 'shadow_only', version: null });
  const ended = await rollout('approve', ...VERSION, '--reason', 'again', '--yes');
  expect(ended).toMatchObject({ code: EXIT.failed, stderr: expect.stringContaining('another name') });
  for (const command of ['start', 'show']) {
    const unknown = await rollout(command, 'nothing', 'v1');
    expect(unknown).toMatchObject({
      code: EXIT.failed,
      stderr: expect.stringContaining('policy "nothing"'),
    });
  }
  expect((await rollout('list', '--all')).stdout).toContain('rolled_back');
});

test('a version is held to a checkpoint, and gateways score by it, while it learns on', async () => {
  const send = async (path: string, method: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await ask(`${here.origin}${path}`, { key: SEED_API_KEY, method, body });
    expect([path, answer.status < 300]).toEqual([path, true]);
    return answer.body;
  };
  const definition = {
    range: [0, 1],
    window: { after: '1s', grace: '0s' },
    inputs: { sent: { event: 'outcome', name: 'sent', aggregate: 'first' } },
    value: 'has(e.sent) ? 1.0 : 0.0',
    default: { value: 0 },
  };
  await send('/v1/reward-specs/held', 'PUT', { definition });
  await send('/v1/policies/held', 'PUT', { configuration: {} });
  const version = { name: 'v1', configuration: { learner: { bits: 8 } } };
  await send('/v1/policies/held/versions', 'POST', version);
  await send('/v1/policies/held/versions/v1/shadow', 'POST', {});
  const checkpoints = async (): Promise<number[]> => {
    const { body } = await ask(`${here.origin}/v1/policies/held/versions/v1/checkpoints`, {
      key: SEED_API_KEY,
    });
    return (body['items'] as { number: number }[]).map(({ number }) => number);
  };
  expect((await rollout('checkpoints', 'held', 'v1')).stdout).toContain('has no checkpoint yet');
  /** The checkpoint by which the version scored a decision that is made now. */
  const scoredBy = async (): Promise<unknown> => {
    const { id } = await send('/v1/decisions', 'POST', {
      policy: 'held',
      actions: [{ id: 'a' }, { id: 'b' }],
    });
    const { body } = await ask(`${here.origin}/v1/decisions/${String(id)}`, { key: SEED_API_KEY });
    return (body['logged'] as { shadow: { checkpoint: number | null }[] }).shadow[0]?.checkpoint;
  };
  // Each decision is learned from when its window has passed.
  const learned = async (least: number) => {
    await scoredBy();
    return (await checkpoints()).filter((number) => number >= least);
  };
  await expect.poll(() => learned(2), { timeout: 30_000, interval: 300 }).not.toEqual([]);
  expect((await rollout('checkpoints', 'held', 'v1')).stdout).toMatch(/^1 .*\d+ /m);

  const unclear = await rollout('pin', 'held', 'v1', '--yes');
  expect(unclear).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('--newest') });
  const absent = await rollout('pin', 'held', 'v1', '--checkpoint', '999', '--yes');
  expect(absent).toMatchObject({ code: EXIT.failed, stderr: expect.stringContaining('no checkpoint 999') });
  const held = await rollout('pin', 'held', 'v1', '--checkpoint', '1', '--yes');
  expect(held.stdout).toContain('held/v1 decides by checkpoint 1. It learns on.');
  await expect.poll(scoredBy, { timeout: 3_000, interval: 50 }).toBe(1);
  const next = Math.max(...(await checkpoints())) + 1;
  await expect.poll(() => learned(next), { timeout: 30_000, interval: 300 }).not.toEqual([]);
  expect(await scoredBy()).toBe(1);
  expect((await rollout('checkpoints', 'held', 'v1')).stdout).toContain('scores, held, kept');
  expect((await rollout('start', 'held', 'v1')).code).toBe(0);
  expect((await rollout('show', 'held', 'v1')).stdout).toMatch(/is held to checkpoint \d+/);

  await rollout('pin', 'held', 'v1', '--newest', '--yes');
  await expect.poll(scoredBy, { timeout: 3_000, interval: 50 }).toBeGreaterThanOrEqual(next);
});
