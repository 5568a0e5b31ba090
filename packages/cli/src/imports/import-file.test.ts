import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event, Import } from '@rlaas/schemas';
import { afterAll, expect, test } from 'vitest';
import { columnMapper } from './column-mapper.ts';
import { csvRows } from './csv-rows.ts';
import { importFile } from './import-file.ts';
import type { ImportServer, SentEvent } from './import-server.ts';
import { openRefusals } from './refusals.ts';
import { type SourceFormat, findSource } from './source-file.ts';

const folder = await mkdtemp(join(tmpdir(), 'rlaas-import-file-'));
afterAll(() => rm(folder, { recursive: true }));

const format: SourceFormat = {
  rows: (text, path) => csvRows(text, { path, delimiter: ',', required: ['at'] }),
  map: columnMapper({
    policy: 'p',
    time: 'at',
    action: 'did',
    propensity: 'prob',
    reward: { column: 'paid', outcome: 'paid' },
    actions: { listed: [{ id: 'a' }] },
    valueOf: (_, raw) => raw,
  }),
};
const HEADER = 'at,did,prob,paid\n';
const good = (count: number): string => '2025-01-01,a,0.5,yes\n'.repeat(count);

/** An installation that keeps what it is sent, as one does: each id once. */
function memory(answerTo: (event: Event) => SentEvent | undefined = () => undefined) {
  const stored = new Map<string, Event>();
  const known: Import = {
    import_id: '019ca8b2-93ff-7b10-8f21-6a5b4c3d2e1f',
    id_base: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
    source: 'first-name.csv',
    digest: '',
    status: 'open',
    created_at: '2025-01-01T00:00:00.000Z',
    completed_at: null,
    events: 0,
  };
  const calls: string[] = [];
  const server: ImportServer = {
    findPolicy: () => Promise.resolve('missing'),
    begin(source, digest) {
      calls.push('begin');
      known.digest = digest;
      expect(source).toMatch(/^[a-z-]+\.csv$/);
      return Promise.resolve({ ...known });
    },
    send(_, events) {
      calls.push('send');
      return Promise.resolve(
        events.map((event) => {
          const answer = answerTo(event) ?? { status: stored.has(event.id) ? 'duplicate' : 'accepted' };
          if (answer.status === 'accepted') stored.set(event.id, event);
          return answer;
        }),
      );
    },
    complete() {
      calls.push('complete');
      known.status = 'complete';
      return Promise.resolve({ ...known });
    },
  };
  return { server, stored, calls };
}

let files = 0;
async function run(
  text: string,
  server: ImportServer,
  options: { dryRun?: boolean; signal?: AbortSignal; rejects?: string } = {},
) {
  files += 1;
  const path = join(folder, `${'abcdefghijklmnop'[files]}.csv`);
  await writeFile(path, text);
  const refusals = await openRefusals(options.rejects);
  const report = await importFile(await findSource(path), {
    format,
    server,
    refusals,
    signal: options.signal ?? new AbortController().signal,
    dryRun: options.dryRun === true,
    print: () => undefined,
    now: () => 0,
  });
  await refusals.close();
  return { report, refusals, path };
}

test('good rows are stored and completed; a second run finds them all', async () => {
  const { server, stored, calls } = memory();
  const text = HEADER + good(1_200);
  const first = await run(text, server);
  expect(first.report).toMatchObject({ state: 'complete', rows: 1_200, stored: 1_200, known: 0, refused: 0 });
  expect(stored.size).toBe(2_400);
  expect(new Set([...stored.values()].map(({ source }) => source))).toEqual(new Set(['first-name.csv']));
  expect(calls.at(-1)).toBe('complete');
  expect((await run(text, server)).report).toMatchObject({ state: 'complete_before', stored: 0 });
  expect(stored.size).toBe(2_400);
});

test('an import that was left open is gone on with', async () => {
  let left = 500;
  const half = memory(() => ((left -= 1) < 0 ? { status: 'unsent' } : undefined));
  const text = HEADER + good(600);
  const broken = await run(text, half.server);
  expect(broken.report).toMatchObject({ state: 'stopped', stored: 250, unsent: 350 });
  expect(half.calls).not.toContain('complete');
  left = 1e9;
  expect((await run(text, half.server)).report).toMatchObject({
    state: 'complete',
    stored: 350,
    known: 250,
    unsent: 0,
  });
  expect(half.stored.size).toBe(1_200);
});

test('refused rows are counted, the first few kept, and all of them written', async () => {
  const { server, stored } = memory((event) =>
    event.type === 'outcome' && event.data.value === 'never'
      ? { status: 'rejected', code: 'id_conflict', path: '/id', message: 'is taken' }
      : undefined,
  );
  const rejects = join(folder, 'rejects.jsonl');
  const text = `${HEADER}${'2025-01-01,a,,yes\n'.repeat(20)}${good(2)}2025-01-01,a,1,never\n`;
  const { report, refusals } = await run(text, server, { rejects });
  expect(report).toMatchObject({ state: 'complete', rows: 23, stored: 2, refused: 21, unsent: 0 });
  expect(refusals.first.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
  expect(stored.size).toBe(5);
  const written = (await readFile(rejects, 'utf8')).trim().split('\n');
  expect(written).toHaveLength(21);
  expect(JSON.parse(written.at(-1) ?? '')).toMatchObject({
    line: 24,
    reason: 'id_conflict: /id is taken',
    row: { paid: 'never' },
  });
});

test('a place where refused rows cannot be written is told before anything is begun', async () => {
  const { server, calls } = memory();
  const rejects = join(folder, 'nowhere', 'rejects.jsonl');
  await expect(run(HEADER + good(1), server, { rejects })).rejects.toThrow(/^--rejects .* cannot be written/);
  expect(calls).toEqual([]);
});

test('nothing is begun where no row is good or only a look is wanted, nor completed where none was taken', async () => {
  const bad = memory();
  expect((await run(`${HEADER}x,a,1,y\n`, bad.server)).report).toMatchObject({ state: 'nothing_stored' });
  expect((await run(HEADER + good(3), bad.server, { dryRun: true })).report).toMatchObject({
    state: 'checked',
  });
  expect((await run(HEADER + good(3), bad.server, { signal: AbortSignal.abort() })).report).toMatchObject({
    state: 'stopped',
    stored: 0,
  });
  expect(bad.calls).toEqual([]);
  const refusing = memory(() => ({ status: 'rejected', code: 'id_conflict', path: '', message: 'no' }));
  expect((await run(HEADER + good(3), refusing.server)).report).toMatchObject({
    state: 'nothing_stored',
    refused: 3,
  });
  expect(refusing.calls).toEqual(['begin', 'send']);
});

test('a file that changes while it is sent is not completed', async () => {
  const { server, calls } = memory();
  let path = '';
  const { send } = server;
  server.send = async (importId, events) => {
    await appendFile(path, good(1));
    return send(importId, events);
  };
  files += 1;
  path = join(folder, 'changing.csv');
  await writeFile(path, HEADER + good(3));
  const refusals = await openRefusals(undefined);
  const importing = importFile(await findSource(path), {
    format,
    server,
    refusals,
    signal: new AbortController().signal,
    dryRun: false,
    print: () => undefined,
    now: () => 0,
  });
  await expect(importing).rejects.toThrow('changed while it was read');
  expect(calls).not.toContain('complete');
});
