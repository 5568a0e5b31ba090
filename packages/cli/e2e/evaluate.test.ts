// `rlaas evaluate` against a whole installation, on the week of history that the example brings.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

const api = (path: string) => ask(`${here.origin}/v1${path}`, { key: SEED_API_KEY });
const evaluate = (...args: string[]) =>
  runCli(['evaluate', 'support-draft', ...args], {
    RLAAS_API_KEY: SEED_API_KEY,
    RLAAS_BASE_URL: here.origin,
  });
async function closedRewards(): Promise<number> {
  const { body } = await api('/rewards?policy=support-draft&status=final&limit=500');
  return (body['items'] as unknown[] | undefined)?.length ?? 0;
}

test('the example closes its rewards', async () => {
  // What is evaluated is what is closed; the last rewards of the example stay open.
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
});

test('the log itself has the mean of its rewards, and the table says what its intervals mean', async () => {
  const ended = await evaluate('--logging');
  expect(ended).toMatchObject({ code: EXIT.ok, stderr: '' });
  const lines = ended.stdout.trimEnd().split('\n');
  expect(lines.slice(0, 3)).toEqual([
    `tenant acme-support at ${here.origin}`,
    expect.stringMatching(
      /^evaluation [0-9a-f-]{36}: support-draft, 2000-01-01T00:00:00\.000Z to \S+; it goes on when this command is interrupted$/,
    ),
    'target: what decided itself',
  ]);
  const mean = /log \(on-policy mean\) +(\S+)/.exec(ended.stdout)?.[1];
  expect(mean).toMatch(/^0\.\d{4}$/);
  expect(/^IPS +(\S+)/m.exec(ended.stdout)?.[1]).toBe(mean);
  expect(ended.stdout).toContain('The last one holds at every look.');
  expect(ended.stdout).toMatch(/^largest weight +1\.0000$/m);
  expect(lines.at(-1)).toMatch(/^verdict: /);
  const { body } = await api('/evaluations?policy=support-draft&status=succeeded');
  expect(body['items']).toMatchObject([
    { policy: 'support-draft', target: { logging: true }, report: { max_weight: 1 } },
  ]);
});

test('each target can be asked for; with --json it prints one document', async () => {
  const file = join(here.state, 'declared.yaml');
  const { body } = await api('/events?type=decision&limit=1');
  const [decision] = body['items'] as { id: string; data: { actions: { id: string }[] } }[];
  const actions = decision?.data.actions.map(({ id }) => id) ?? [];
  await writeFile(file, `probabilities:\n  ${actions.at(0)}: 0.25\n  ${actions.at(1)}: 0.75\n`);
  const wanted: [string[], object][] = [
    [['--version', 'support-draft-v0'], { version: 'support-draft-v0' }],
    [['--declared', file], { declared: { probabilities: { [actions.at(0) ?? '']: 0.25 } } }],
    [['--baseline', '--exploration', '0.2'], { baseline: { exploration: 0.2 } }],
  ];
  const wrong: unknown[] = [];
  for (const [args, target] of wanted) {
    const ended = await evaluate(...args, '--json');
    expect(ended).toMatchObject({ code: EXIT.ok, stderr: '' });
    const document: unknown = JSON.parse(ended.stdout);
    expect(document).toMatchObject({
      tenant: 'acme-support',
      policy: 'support-draft',
      target,
      report: { target, anytime: { estimator: 'ips' } },
    });
    const { used, decisions } = (document as { report: { used: number; decisions: number } }).report;
    if (!(used > 0 && used <= decisions)) wrong.push([args, used, decisions]);
  }
  expect(wrong).toEqual([]);
});

test('what cannot be is told with the reason and a code for scripts', async () => {
  const file = join(here.state, 'wrong.json');
  await writeFile(file, '{"probabilities": {"a": 0.4}}');
  const cases: [string[], number, string][] = [
    [[], EXIT.usage, 'Say one of --version'],
    [['--baseline', '--logging'], EXIT.usage, 'not several'],
    [['--logging', '--checkpoint', '1'], EXIT.usage, '--checkpoint is one of a --version'],
    [['--version', 'support-draft-v0', '--checkpoint', 'x'], EXIT.usage, 'must be a number from 1'],
    [['--logging', '--from', 'yesterday'], EXIT.usage, '--from yesterday is no time'],
    [['--declared', file], EXIT.configuration, 'declares no policy'],
    [['--declared', `${file}.none`], EXIT.configuration, 'cannot be read'],
    [['--version', 'nobody'], EXIT.failed, 'Policy "support-draft" has no version "nobody".'],
    [['--logging', '--to', '2001-01-01'], EXIT.failed, 'has a final reward'],
    [['--logged', 'nobody'], EXIT.failed, 'has no version "nobody"'],
  ];
  const wrong: unknown[] = [];
  for (const [args, code, reason] of cases) {
    const ended = await evaluate(...args);
    if (ended.code !== code || !ended.stderr.includes(reason)) wrong.push([args, ended]);
  }
  expect(wrong).toEqual([]);
});
