import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '../client.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const DATA = new URL('../data/', import.meta.url);
/** Items of the campaign "all". */
const ITEMS = 80;

/** The two logs of the store, each a policy of its own. */
export const LOGS = [
  { policy: 'store-random', file: 'random-all.csv.gz', what: 'items shown at random' },
  { policy: 'store-thompson', file: 'bts-all.csv.gz', what: 'items shown by Thompson sampling' },
] as const;

/** Brings the logs in with `rlaas import`, as anybody would. @returns decisions of each log */
export async function importStore(client: Client, origin: string, key: string): Promise<void> {
  for (const { policy, file, what } of LOGS) {
    await client.put(`/v1/reward-specs/${policy}`, {
      definition: {
        range: [0, 1],
        window: { after: '1h', grace: '0s' },
        inputs: { click: { event: 'outcome', name: 'click', aggregate: 'first' } },
        value: 'has(e.click) ? e.click : 0.0',
        default: { value: 0 },
      },
    });
    await client.put(`/v1/policies/${policy}`, {
      configuration: { description: `Which item is shown? History of a fashion store: ${what}.` },
    });
    const path = fileURLToPath(new URL(file, DATA));
    const args = ['import', 'open-bandit', path, '--policy', policy, '--items', String(ITEMS)];
    const environment = { ...process.env, RLAAS_BASE_URL: origin, RLAAS_API_KEY: key };
    await promisify(execFile)(process.execPath, [MAIN, ...args], { env: environment });
  }
}
