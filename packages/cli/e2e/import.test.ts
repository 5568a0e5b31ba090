// `rlaas import` into a whole installation, through its public origin.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEED_API_KEY } from '@rlaas/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../src/exit-codes.ts';
import { rowId } from '../src/imports/row-id.ts';
import { runCli } from '../test/run-cli.ts';
import { type DevStack, type Place, ask, interrupt, makePlace, startDev } from './dev-stack.ts';

let here: Place;
let stack: DevStack;
let folder: string;

beforeAll(async () => {
  here = await makePlace();
  folder = await mkdtemp(join(tmpdir(), 'rlaas-import-'));
  stack = startDev(here);
  await stack.ready;
});
afterAll(async () => {
  await interrupt(stack);
  await here.remove();
  await rm(folder, { recursive: true });
});

const HISTORY = `ticket,at,chosen,probability,sent,topic,wait
t-1,2025-02-03 10:00:00+01:00,concise,0.5,true,billing,12
t-2,2025-02-03T10:05:00Z,template,0.5,false,login,3.5
t-3,2025-02-03T10:06:00Z,template,,true,login,4
t-4,2025-02-03T10:07:00Z,template,1.5,true,login,4
t-5,2025-02-03T10:08:00Z,shout,0.5,true,login,4
t-6,2025-02-03T10:09:00Z,concise,0.25,,billing,1
`;
const MAPPING =
  '--policy past-drafts --time at --action chosen --propensity probability --reward sent --outcome sent --id ticket --actions-from-policy'.split(
    ' ',
  );

const api = (path: string, options: { method?: string; body?: unknown } = {}) =>
  ask(`${here.origin}/v1${path}`, { key: SEED_API_KEY, ...options });
const cli = (...args: string[]) =>
  runCli(['import', ...args], { RLAAS_API_KEY: SEED_API_KEY, RLAAS_BASE_URL: here.origin });
const cells = (stdout: string, file: string): string[] =>
  stdout
    .split('\n')
    .find((line) => line.startsWith(`${file} `))
    ?.split(/ {2,}/)
    .slice(1) ?? [];
async function stored(policy: string): Promise<Record<string, unknown>[]> {
  const { body } = await api(`/events?policy=${policy}&type=decision&limit=100`);
  return body['items'] as Record<string, unknown>[];
}

test('a table is stored once however often it is imported, and bad rows are refused with their lines', async () => {
  const put = await api('/policies/past-drafts', {
    method: 'PUT',
    body: { configuration: { actions: [{ id: 'template' }, { id: 'concise' }] } },
  });
  expect(put.status).toBeLessThan(300);
  const file = join(folder, 'history.csv');
  const rejects = join(folder, 'rejects.jsonl');
  await writeFile(file, HISTORY);

  const looked = await cli('csv', file, ...MAPPING, '--dry-run');
  expect(looked).toMatchObject({ code: EXIT.rowsRefused });
  expect(cells(looked.stdout, 'history.csv')).toEqual(['6', '0', '0', '3', '0', 'only checked']);
  expect(await stored('past-drafts')).toEqual([]);

  const first = await cli('csv', file, ...MAPPING, '--rejects', rejects);
  expect(first).toMatchObject({ code: EXIT.rowsRefused });
  expect(first.stderr).toContain('3 rows were refused. Mend and import only those');
  expect(first.stdout).toContain(`refused:
  history.csv:4: has no propensity
  history.csv:5: propensity "1.5" is not in (0, 1]
  history.csv:6: chosen "shout" is not among its actions
`);
  expect(cells(first.stdout, 'history.csv')).toEqual([
    '6',
    '3',
    '0',
    '3',
    '0',
    expect.stringMatching(/^complete, [0-9a-f-]{36}$/),
  ]);
  const lines = (await readFile(rejects, 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { line: number }).line)).toEqual([4, 5, 6]);

  const decisions = await stored('past-drafts');
  expect(decisions.map(({ occurred_at: at }) => String(at)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    '2025-02-03T09:00:00.000Z',
    '2025-02-03T10:05:00.000Z',
    '2025-02-03T10:09:00.000Z',
  ]);
  const second = await cli('csv', file, ...MAPPING);
  expect(second).toMatchObject({ code: EXIT.rowsRefused });
  expect(cells(second.stdout, 'history.csv').at(-1)).toMatch(/^was complete, /);
  expect(await stored('past-drafts')).toEqual(decisions);
});

test('an import that was broken off is gone on with: rows that are there are known again', async () => {
  const file = join(folder, 'events.jsonl');
  const decision = (id: string, minute: number) => ({
    id,
    type: 'decision',
    occurred_at: `2025-03-01T10:0${minute}:00.000Z`,
    source: 'elsewhere',
    policy: 'past-drafts',
    data: {
      context: { topic: 'billing' },
      actions: [{ id: 'template' }, { id: 'concise' }],
      chosen: 0,
      propensity: 0.4,
      policy_version: null,
      checkpoint: null,
      mode: 'live',
    },
  });
  const [one, two] = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058'];
  const outcome = {
    id: '01890a5d-ac96-774b-bcce-b302099a8059',
    type: 'outcome',
    occurred_at: '2025-03-01T10:09:00.000Z',
    source: 'elsewhere',
    decision_id: two,
    data: { name: 'sent', value: true },
  };
  const rows = [decision(one, 1), decision(two, 2), outcome];
  const text = rows.map((row) => JSON.stringify(row)).join('\n');
  await writeFile(file, text);
  // An earlier run got no further than the first row.
  const digest = createHash('sha256').update(text).digest('hex');
  const begun = (await api('/imports', { method: 'POST', body: { source: 'events.jsonl', digest } })).body;
  const idOf = (key: string) => rowId(String(begun['id_base']), String(begun['import_id']), key);
  const sent = await api('/events', {
    method: 'POST',
    body: { import_id: begun['import_id'], events: [{ ...rows[0], id: idOf(one) }] },
  });
  expect(sent.body).toMatchObject({ counts: { accepted: 1 } });

  const ended = await cli('jsonl', file);
  expect(ended).toMatchObject({ code: EXIT.ok, stderr: '' });
  expect(cells(ended.stdout, 'events.jsonl')).toEqual([
    '3',
    '2',
    '1',
    '0',
    '0',
    `complete, ${String(begun['import_id'])}`,
  ]);
  const { body } = await api(`/events?decision_id=${idOf(two)}`);
  expect(
    (body['items'] as { type: string }[]).map(({ type }) => type).toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['decision', 'outcome']);
});

test('a policy that is not there is refused before anything is sent', async () => {
  const file = join(folder, 'history.csv');
  const ended = await cli('open-bandit', file, '--policy', 'nobodys');
  expect(ended).toMatchObject({
    code: EXIT.usage,
    stderr: expect.stringContaining('There is no policy "nobodys"'),
  });
});
