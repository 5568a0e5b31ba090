// A process that learns until it is killed. Arguments: database, folder of objects, holder, milliseconds since 1970.
import { createDatabase } from '@rlaas/database';
import { createObjectStore } from '@rlaas/object-store';
import { createTrainingWorker } from '../src/training/training-worker.ts';
import { createCounts } from './support/training-counts.ts';

const [url = '', root = '', holder = '', start = '0'] = process.argv.slice(2);
const began = Date.now();
const fail = (error: unknown): void => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
};
const worker = createTrainingWorker({
  holder,
  database: createDatabase({ url, poolMax: 2, applicationName: 'killed', onIdleError: fail }),
  store: createObjectStore({ kind: 'directory', root }),
  // Faster than time, so that it is killed in the middle of checkpoints, too.
  now: () => Number(start) + (Date.now() - began) * 20,
  observe: createCounts().observe,
  onCheckpoint: () => undefined,
  onFailure: (_, error) => fail(error),
});
for (;;) await worker.round();
