// `rlaas train` against a whole installation, on the week of history that the example brings.
import { SEED_API_KEY } from '@rlaas/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../src/exit-codes.ts';
import { runCli } from '../test/run-cli.ts';
import { type DevStack, type Place, ask, interrupt, makePlace, startDev } from './dev-stack.ts';

const DAY_MS = 86_400_000;
const now = Date.now();
const daysAgo = (days: number): string => new Date(now - days * DAY_MS).toISOString();

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

const api = (path: string, options: { method?: string; body?: unknown } = {}) =>
  ask(`${here.origin}/v1${path}`, { key: SEED_API_KEY, ...options });
const train = (version: string, ...args: string[]) =>
  runCli(['train', 'support-draft', version, ...args], {
    RLAAS_API_KEY: SEED_API_KEY,
    RLAAS_BASE_URL: here.origin,
  });
const period = ['--from', daysAgo(8), '--to', daysAgo(0)];

async function makeDraft(name: string): Promise<void> {
  const made = await api('/policies/support-draft/versions', { method: 'POST', body: { name } });
  expect(made.status).toBe(201);
}
/** How many of the example's rewards are closed; those of the last three days stay open. */
async function closedRewards(): Promise<number> {
  const { body } = await api('/rewards?policy=support-draft&status=final&limit=500');
  return (body['items'] as unknown[] | undefined)?.length ?? 0;
}

test('a draft learns the rewards of a period, and the command shows what came of it', async () => {
  await makeDraft('taught');
  let before = -1;
  await expect
    .poll(
      async () => {
        const closed = await closedRewards();
        const same = closed > 0 && closed === before;
        before = closed;
        return same;
      },
      { timeout: 60_000, interval: 1_000 },
    )
    .toBe(true);
  const ended = await train('taught', ...period, '--passes', '2');
  expect(ended).toMatchObject({ code: EXIT.ok, stderr: '' });
  const lines = ended.stdout.trimEnd().split('\n');
  expect(lines).toEqual([
    `tenant acme-support at ${here.origin}`,
    expect.stringMatching(
      /^training run [0-9a-f-]{36}: support-draft\/taught; it goes on when this command is interrupted$/,
    ),
    'training run',
    expect.stringMatching(/^-+  -+$/),
    expect.stringMatching(/^decisions learned {7}[1-9]\d*$/),
    expect.stringMatching(/^unusable decisions {6}0$/),
    expect.stringMatching(/^open windows, left out {2}[1-9]\d*$/),
    expect.stringMatching(/^progressive mean loss {3}0\.\d+$/),
    expect.stringMatching(/^seconds {17}\d+\.\d$/),
    'checkpoint              1',
  ]);
  const { body } = await api('/training-runs?status=succeeded');
  expect(body['items']).toMatchObject([
    { kind: 'training_run', input: { version: 'taught', passes: 2 }, result: { checkpoint: 1 } },
  ]);
});

test('what cannot be is told with the reason and a code for scripts', async () => {
  await makeDraft('untaught');
  const ended = await Promise.all([
    train('nobody', ...period),
    train('taught', ...period),
    train('support-draft-v0', ...period),
    train('untaught', '--from', '2020-01-01', '--to', '2020-02-01T00:00Z'),
    train('untaught', '--from', 'yesterday', '--to', daysAgo(0)),
    train('untaught', ...period, '--passes', '21'),
  ]);
  expect(ended.map(({ code }) => code)).toEqual([
    EXIT.failed,
    EXIT.failed,
    EXIT.failed,
    EXIT.failed,
    EXIT.usage,
    EXIT.usage,
  ]);
  const reasons = [
    'Policy "support-draft" has no version "nobody".',
    'Version "taught" has learned already.',
    'Version "support-draft-v0" is shadow',
    'made from 2020-01-01T00:00:00.000Z to 2020-02-01T00:00:00.000Z has a final reward',
    '--from yesterday is no time',
    '--passes is a number from 1 to 20',
  ];
  expect(ended.filter(({ stderr }, index) => !stderr.includes(reasons[index] ?? ''))).toEqual([]);
});

test('with --json it prints one document', async () => {
  const ended = await train('untaught', ...period, '--json');
  expect(ended).toMatchObject({ code: EXIT.ok, stderr: '' });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    tenant: 'acme-support',
    policy: 'support-draft',
    version: 'untaught',
    passes: 1,
    result: { unusable: 0, checkpoint: 1 },
  });
});
