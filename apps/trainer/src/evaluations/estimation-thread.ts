// A thread of one evaluation: it learns what it is given and estimates chunks, one request after the other.
import { parentPort, workerData } from 'node:worker_threads';
import { ChunkEstimator } from './chunk-estimator.ts';
import type { ThreadAnswer, ThreadRequest, ThreadSetup } from './thread-messages.ts';

const port = parentPort;
if (!port) throw new Error('this is begun as a thread of the trainer');
const estimator = new ChunkEstimator(workerData as ThreadSetup);

port.on('message', ({ kind, rows }: ThreadRequest) => {
  if (kind === 'learn') {
    estimator.learn(rows);
    port.postMessage({ kind } satisfies ThreadAnswer);
    return;
  }
  const estimate = estimator.estimate(rows);
  port.postMessage({ kind, estimate } satisfies ThreadAnswer, [estimate.weighted.buffer as ArrayBuffer]);
});
