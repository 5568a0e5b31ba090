import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { shufflesOf } from '../src/learn/shuffles.ts';
import { USUAL } from '../src/learn/vowpalwabbit-commands.ts';
import { startVowpalWabbit, type VowpalWabbitPeer } from '../src/learn/vowpalwabbit-peer.ts';
import { VOWPALWABBIT_VERSION, vowpalWabbitPython } from '../src/learn/vowpalwabbit-python.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const data = join(root, 'packages', 'benchmarks', 'data');
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const found = await vowpalWabbitPython(join(root, 'node_modules', '.cache', 'rlaas-bench'), print);
if ('unreachable' in found) print(`skipped: vowpalwabbit not reachable (${found.unreachable})`);
const [greedy, squarecb] = USUAL;

describe.skipIf('unreachable' in found)('VowpalWabbit', () => {
  let folder: string;
  let peer: VowpalWabbitPeer;

  beforeAll(async () => {
    if ('unreachable' in found) return;
    folder = await mkdtemp(join(tmpdir(), 'rlaas-vw-'));
    await writeFile(join(folder, 'iris.json'), JSON.stringify(shufflesOf('iris', 150, 3)));
    peer = await startVowpalWabbit(found.python, { data, orders: folder });
  });
  afterAll(async () => {
    await peer?.stop();
    await rm(folder, { recursive: true });
  });

  test('it is the version that was asked for', () => {
    expect(peer.version).toBe(VOWPALWABBIT_VERSION);
  });

  test('it learns: fewer mistakes than chance, the same again with the same draws', async () => {
    if (!squarecb) throw new Error('there is no command to try');
    const losses = await peer.losses({ dataset: 'iris', shuffles: 3, command: squarecb });
    expect(losses).toHaveLength(3);
    for (const loss of losses) expect(loss).toBeLessThan(0.62);
    expect(await peer.losses({ dataset: 'iris', shuffles: 3, command: squarecb })).toEqual(losses);
  });

  test('a timed pass tells how long parsing took and how long the rest', async () => {
    if (!greedy) throw new Error('there is no command to try');
    const [time] = await peer.times({ dataset: 'iris', shuffles: 1, command: greedy });
    expect(time?.parsingSeconds).toBeGreaterThan(0);
    expect(time?.workSeconds).toBeGreaterThan(0);
  });

  test('a command that VW refuses fails with its words', async () => {
    if ('unreachable' in found) return;
    const broken = await startVowpalWabbit(found.python, { data, orders: folder });
    onTestFinished(() => broken.stop());
    const command = { name: 'broken', arguments: '--no_such_option', right: -1, wrong: 0 };
    await expect(broken.losses({ dataset: 'iris', shuffles: 1, command })).rejects.toThrow(/no_such_option/);
  });
});
