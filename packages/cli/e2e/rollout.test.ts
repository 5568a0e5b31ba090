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
  expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('No rollout goes on') });
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
  expect(unsure).toMatchObject({ code: EXIT.configuration, stderr: expect.stringContaining('--yes') });

  // All steps of the default: 1, 5, 25 and 50 %, then all.
  for (let step = 0; step < 5; step += 1) {
    const approved = await rollout('approve', ...VERSION, '--reason', 'we want to see it', '--yes');
    expect(approved.code).toBe(0);
  }
  const { stdout } = await rollout('show', ...VERSION);
  expect(stdout).toContain('active, share 100 %');
  expect(stdout).toContain('approval: we want to see it');
  await expect
    .poll(decide, { timeout: 2_000, interval: 50 })
    .toEqual({ mode: 'live', version: 'support-draft-v0' });

  const back = await rollout('rollback', ...VERSION, '--reason', 'customers complain', '--yes', '--json');
  expect(JSON.parse(back.stdout)).toMatchObject({ stage: 'ended', outcome: 'rolled_back', share: 0 });
  await expect.poll(decide, { timeout: 2_000, interval: 50 }).toEqual({ mode: 'shadow_only', version: null });
  const ended = await rollout('approve', ...VERSION, '--reason', 'again', '--yes');
  expect(ended).toMatchObject({ code: EXIT.failed, stderr: expect.stringContaining('It has ended') });
  expect((await rollout('list', '--all')).stdout).toContain('rolled_back');
});
