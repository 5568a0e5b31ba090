// Kills of the gateway, and a look whether it kept its promises: `npm run chaos -w @rlaas/gateway`.
import { randomBytes, randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { migrate, seed as seedDatabase, withOwner } from '@rlaas/database';
import { startEmbedded, urlFor } from '@rlaas/testkit';
import { killGateway, reportText } from './kill-gateway.ts';
import type { WorldDatabase } from './world/world.ts';

const USAGE = 2;
const LOGIN = { user: 'rlaas_app', password: 'chaos' };
const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      kills: { type: 'string', default: '50' },
      clients: { type: 'string', default: '16' },
      seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
      fsync: { type: 'string', default: 'never' },
    },
  });
  const [kills, clients, seed] = [values.kills, values.clients, values.seed].map(Number);
  if (!isCount(kills) || !isCount(clients) || !isCount(seed))
    return refuse('kills, clients and seed are whole numbers');
  if (values.fsync !== 'never' && values.fsync !== 'always') return refuse('fsync is never or always');
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());
  print(`seed ${seed}, ${clients} clients`);
  const server = await startEmbedded({ fsync: 'on', full_page_writes: 'on' });
  try {
    const database = await makeDatabase(server.superuserUrl);
    const { fsync } = values;
    const report = await killGateway({
      seed,
      kills,
      clients,
      fsync,
      database,
      print,
      signal: stopping.signal,
    });
    print(reportText(report));
    print(`seed ${seed}`);
    return report.violations.length > 0 ? 1 : 0;
  } finally {
    await server.stop();
  }
}

async function makeDatabase(superuserUrl: string): Promise<WorldDatabase> {
  const database = `chaos_${randomBytes(4).toString('hex')}`;
  await withOwner(superuserUrl, (client) => client.query(`create database ${database}`));
  const ownerUrl = urlFor(superuserUrl, { database });
  const url = urlFor(ownerUrl, LOGIN);
  await migrate({ ownerUrl, appUrl: url, log: () => undefined });
  await seedDatabase({ ownerUrl });
  return { url, ownerUrl };
}

function isCount(number: number | undefined): number is number {
  return Number.isSafeInteger(number) && (number ?? 0) > 0;
}

function refuse(reason: string): number {
  process.stderr.write(`chaos: ${reason}\n`);
  return USAGE;
}
