// `rlaas apply` against a whole installation, through its public origin: files, keys and people as they come.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withOwner } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { applyCommand } from '../src/commands/apply.ts';
import { EXIT } from '../src/exit-codes.ts';
import { runCli } from '../test/run-cli.ts';
import { type DevStack, type Place, ask, interrupt, makePlace, startDev } from './dev-stack.ts';

let here: Place;
let stack: DevStack;
let folder: string;

beforeAll(async () => {
  here = await makePlace();
  folder = await mkdtemp(join(tmpdir(), 'rlaas-apply-'));
  stack = startDev(here);
  await stack.ready;
});
afterAll(async () => {
  await interrupt(stack);
  await here.remove();
  await rm(folder, { recursive: true });
});

const reward = {
  range: [0, 1],
  window: { after: '1h', grace: '1m' },
  inputs: { done: { event: 'outcome', name: 'done', aggregate: 'first' } },
  value: 'has(e.done) ? e.done : 0.0',
  default: { value: 0 },
};

async function write(policy: string, content: object): Promise<string> {
  const path = join(folder, `${policy}.yaml`);
  await writeFile(path, stringify({ policy, ...content }));
  return path;
}
const apply = (args: string[], key = SEED_API_KEY) =>
  runCli(['apply', ...args], { RLAAS_API_KEY: key, RLAAS_BASE_URL: here.origin });
const api = (path: string, options: { method?: string; body?: unknown } = {}) =>
  ask(`${here.origin}/v1${path}`, { key: SEED_API_KEY, ...options });
async function keyWith(...scopes: string[]): Promise<string> {
  const { body } = await api('/api-keys', { method: 'POST', body: { name: 'test', scopes } });
  return String(body['key']);
}

describe('the example', () => {
  test('is what its file says from the start', async () => {
    const ended = await apply([]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toBe(`tenant acme-support at ${here.origin}
policy support-draft (config/policies/support-draft.yaml)
  = reward: unchanged
  = configuration: unchanged
  = version support-draft-v0: unchanged (shadow)
nothing to do
`);
  });

  test('has rewards for the decisions of its week, but for those of the last three days', async () => {
    const text = await readFile(join(here.state, 'connection.json'), 'utf8');
    const { ownerUrl } = JSON.parse(text) as { ownerUrl: string };
    const count = () =>
      withOwner(ownerUrl, async (client) => {
        const { rows } = await client.query<{ open: number; closed: number; right: boolean }>(
          `select count(*) filter (where r.status = 'pending' and r.deadline > now())::int as open,
                  count(*) filter (where r.status in ('final', 'defaulted', 'inactive'))::int as closed,
                  bool_and(r.status in ('pending', 'inactive') or (r.status = 'final') = (o.id is not null)) as right
           from rlaas.rewards r
           left join rlaas.events o on o.tenant_id = r.tenant_id and o.decision_id = r.decision_id
             and o.type = 'outcome' and o.data ->> 'name' = 'sent'
           where r.policy = 'support-draft'`,
        );
        const [row] = rows;
        return {
          sum: (row?.open ?? 0) + (row?.closed ?? 0),
          enough: (row?.closed ?? 0) > 250,
          right: row?.right,
        };
      });
    await expect.poll(count, { timeout: 20_000 }).toEqual({ sum: 400, enough: true, right: true });
  });
});

describe('rewards', () => {
  test('are checked by the installation before anything is changed, with their places in the file', async () => {
    const path = await write('checked', {
      actions: [{ id: 'a' }],
      reward: { ...reward, value: '(has(e.done) ? e.done : 0.0)\n+ e.dune' },
    });
    const refused = await apply([path, '--yes']);
    expect(refused.code).toBe(EXIT.configuration);
    expect(refused.stderr).toMatch(
      /checked\.yaml:\d+:\d+: reward\.value: e\.dune is no input and no grader; did you mean e\.done\?\n +\d+ \| +\+ e\.dune\n +\| +\^/,
    );
    expect(refused.stderr).toContain('Nothing was sent.');
    expect(await api('/policies/checked')).toMatchObject({ status: 404 });
    const warned = await write('checked', { actions: [{ id: 'a' }], reward: { ...reward, value: 'e.done' } });
    expect((await apply([warned, '--dry-run'])).stdout).toMatch(
      /note: line \d+:\d+: reward\.value: e\.done may have no value/,
    );
  });
});

describe('a new policy', () => {
  test('is shown, made once, and decided by', async () => {
    const path = await write('routing', {
      actions: [{ id: 'small' }, { id: 'large' }],
      reward,
      versions: [
        { name: 'v0', shadow: true, explorer: { kind: 'epsilon_greedy' } },
        { name: 'v1', minimum_probability: 0 },
      ],
    });
    const planned = await apply([path, '--dry-run']);
    expect(planned).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('5 steps to do; nothing was sent'),
    });
    expect(planned.stdout).toContain('note: minimum_probability of v1 is 0');
    expect(await apply([path])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes or --dry-run'),
    });
    expect(await api('/policies/routing')).toMatchObject({ status: 404 });

    const done = await apply([path, '--yes', '--tenant', 'acme-support']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout.split('\n').slice(-7)).toEqual([
      '  [1/5] reward of routing: version 1',
      '  [2/5] policy routing: made',
      '  [3/5] version v0 of routing: made, a draft',
      '  [4/5] version v0 of routing: in shadow',
      '  [5/5] version v1 of routing: made, a draft',
      'applied 5 steps',
      '',
    ]);
    expect(await apply([path, '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing to do'),
    });
    expect((await api('/policies/routing/versions')).body['items']).toMatchObject([
      { name: 'v0', status: 'shadow', source: 'yaml' },
      { name: 'v1', status: 'draft', source: 'yaml' },
    ]);
    const decide = () => api('/decisions', { method: 'POST', body: { policy: 'routing', context: {} } });
    await expect.poll(async () => (await decide()).body['mode'], { timeout: 5_000 }).toBe('shadow_only');
  });

  test('that a key may make only in part is finished by the next run', async () => {
    const path = await write('halves', { reward, versions: [{ name: 'v0' }] });
    const half = await keyWith('rewards:read', 'rewards:write', 'policies:read');
    const broken = await apply([path, '--yes'], half);
    expect(broken).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('[1/3] reward of halves: version 1'),
    });
    expect(broken.stderr).toContain('scope_missing');
    expect(broken.stderr).toContain(
      'Done before: reward of halves: version 1. What is done stays; run the same command again, and it goes on from there.',
    );
    const rest = await apply([path, '--yes', '--json']);
    expect(rest.code).toBe(0);
    expect(JSON.parse(rest.stdout)).toMatchObject({
      tenant: 'acme-support',
      result: 'applied',
      done: [
        { kind: 'policy', policy: 'halves' },
        { kind: 'version', version: 'v0' },
      ],
      plans: [
        { policy: 'halves', items: [{ what: 'reward', action: 'unchanged' }, { action: 'create' }, {}] },
      ],
    });
  });
});

test('a person at the terminal is asked, and a no changes nothing', async () => {
  const path = await write('asked', { versions: [{ name: 'v0' }] });
  const questions: string[] = [];
  const lines: string[] = [];
  const answering = (answer: boolean) =>
    applyCommand(
      {
        environment: { RLAAS_API_KEY: SEED_API_KEY, RLAAS_BASE_URL: here.origin },
        root: folder,
        print: (line) => lines.push(line),
        now: Date.now,
        user: 'test',
        confirm: async (question) => {
          questions.push(question);
          return answer;
        },
      },
      [path],
      {},
    );
  await expect(answering(false)).rejects.toMatchObject({ exitCode: 1, message: 'Nothing was sent.' });
  expect(await api('/policies/asked')).toMatchObject({ status: 404 });
  await answering(true);
  expect(await api('/policies/asked')).toMatchObject({ status: 200 });
  expect(questions).toEqual(Array(2).fill('Make these changes (2 steps)?'));
  await answering(false);
  expect(questions).toHaveLength(2);
  expect(lines.at(-1)).toBe('nothing to do');
});

describe('what was changed elsewhere', () => {
  test('shows as drift, and is changed back only when told to', async () => {
    const path = await write('drifting', { description: 'of the file', reward });
    await apply([path, '--yes']);
    const body = { configuration: { description: 'of the API' } };
    await api('/policies/drifting', { method: 'PUT', body });
    await api('/policies/drifting/versions', { method: 'POST', body: { name: 'of-the-api' } });
    const refused = await apply([path, '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('~ /description: "of the API" → "of the file"');
    expect(refused.stdout).toContain('? version of-the-api: not in file (draft)');
    expect(refused.stderr).toContain('drifting: the policy: drift: it was changed through the API');
    expect(await api('/policies/drifting')).toMatchObject({ body });

    expect(await apply([path, '--yes', '--overwrite'])).toMatchObject({ code: 0 });
    expect(await api('/policies/drifting')).toMatchObject({
      body: { source: 'yaml', configuration: { description: 'of the file' } },
    });
    expect(await apply([path])).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to do') });
    expect(await api('/policies/drifting/versions/of-the-api')).toMatchObject({ status: 200 });
  });

  test('a version that the file changes is refused, also when told to overwrite', async () => {
    await apply([await write('lasting', { versions: [{ name: 'v0' }] }), '--yes']);
    const path = await write('lasting', { versions: [{ name: 'v0', minimum_probability: 0.5 }] });
    const refused = await apply([path, '--yes', '--overwrite']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('version v0: conflict: a version never changes');
  });
});

test('many policies, whatever they say: applied once, there is nothing left to do', async () => {
  const own = join(folder, 'many');
  await mkdir(own);
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const features = fc.dictionary(
    text.filter((name) => name !== '' && name !== '__proto__'),
    fc.oneof(text, fc.boolean(), fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.constant(null)),
    { maxKeys: 5 },
  );
  const content = fc.record(
    {
      description: text,
      actions: fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1, maxLength: 30 }), features }), {
        selector: ({ id }) => id,
        minLength: 1,
        maxLength: 10,
      }),
      baseline_exploration: fc.double({ noNaN: true, min: 0, max: 1 }),
      reward: fc.record(
        {
          range: fc.constant([-1, 1]),
          window: fc.constant({ after: '1h', grace: '1m' }),
          inputs: fc.record({
            done: fc.record({
              event: fc.constant('outcome'),
              name: fc.constantFrom('done', 'sent'),
              aggregate: fc.constantFrom('first', 'last', 'sum'),
            }),
          }),
          value: fc.constant('has(e.done) ? e.done : 0.0'),
          default: fc.record({ value: fc.double({ noNaN: true, min: -1, max: 1 }) }),
        },
        { requiredKeys: ['range', 'window', 'inputs', 'value'] },
      ),
      versions: fc.uniqueArray(
        fc.record({
          name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/),
          explorer: fc.record({
            kind: fc.constant('epsilon_greedy'),
            epsilon: fc.double({ noNaN: true, min: 0, max: 1 }),
          }),
          minimum_probability: fc.oneof(fc.constant(0), fc.double({ noNaN: true, min: 0.01, max: 1 })),
        }),
        { selector: ({ name }) => name, maxLength: 4 },
      ),
    },
    { requiredKeys: ['actions'] },
  );
  const storable = (made: object): boolean => {
    const written = JSON.stringify(made);
    return !written.includes('\\u0000');
  };
  const seed = Date.now() % 2 ** 31;
  const made = fc.sample(content.filter(storable), { numRuns: 40, seed });
  for (const [index, one] of made.entries()) {
    await writeFile(join(own, `many-${index}.yaml`), stringify({ policy: `many-${index}`, ...one }));
  }
  const first = await apply([own, '--yes']);
  expect(first, `seed ${seed}`).toMatchObject({ code: 0, stderr: '' });
  const second = await apply([own]);
  expect(second, `seed ${seed}`).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nothing to do'),
  });
});

describe('a run that cannot be', () => {
  test('a wrong file is told whole, and nothing is asked of anybody', async () => {
    const path = join(folder, 'wrong.yaml');
    await writeFile(
      path,
      'policy: wrong\nversions:\n  - name: v0\n    mininum_probability: 0.1\nrewrad: {}\n',
    );
    const ended = await runCli(['apply', path], { RLAAS_BASE_URL: 'http://127.0.0.1:1' });
    expect(ended).toMatchObject({ code: 78, stdout: '' });
    expect(ended.stderr).toBe(`
rlaas: ${path}:4:5: versions[0].mininum_probability is not known here; did you mean "minimum_probability"?
    4 |     mininum_probability: 0.1
      |     ^
${path}:5:1: rewrad is not known here; did you mean "reward"?
    5 | rewrad: {}
      | ^
Nothing was sent.
`);
    const named = await write('right', { policy: 'other' });
    expect(await apply([named, '--json'])).toMatchObject({
      code: 78,
      stdout: expect.stringContaining('"mistakes"'),
    });
  });

  test.for([
    ['no key', [], { RLAAS_API_KEY: '' }, 78, 'RLAAS_API_KEY is not set'],
    ['an unknown key', ['--key', 'nonsense'], {}, 78, 'invalid_key'],
    ['a key of another tenant', ['--tenant', 'other'], {}, 78, 'The key is of tenant "acme-support"'],
    ['nobody there', ['--base-url', 'http://127.0.0.1:1'], {}, 18, 'does not answer'],
    ['no address', ['--base-url', 'localhost'], {}, 78, 'Not an address of RLaaS'],
    ['no file', ['nothing.yaml'], {}, 2, 'There is no file or folder nothing.yaml'],
    ['two wishes', ['--yes', '--dry-run'], {}, 2, 'cannot be used with'],
  ] as const)('%s', async ([, args, variables, code, message]) => {
    const ended = await runCli(['apply', ...args], {
      RLAAS_API_KEY: SEED_API_KEY,
      RLAAS_BASE_URL: here.origin,
      ...variables,
    });
    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(message) });
  });

  test('what is there, and is not RLaaS, is told so', async () => {
    const { origin } = here;
    const ended = await apply(['--base-url', `${origin}/docs`]);
    expect(ended).toMatchObject({ code: 18, stderr: expect.stringContaining('Is RLAAS_BASE_URL right?') });
  });
});
