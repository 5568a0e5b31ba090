// A thread in which evaluations estimate: it holds the reward model of each of them.
import { parentPort } from 'node:worker_threads';
import { ChunkEstimator } from './chunk-estimator.ts';
import type { ThreadAnswer, ThreadRequest } from './thread-messages.ts';

const port = parentPort;
if (!port) throw new Error('this is begun as a thread of the trainer');
const estimators = new Map<number, ChunkEstimator>();

function estimatorOf(evaluation: number): ChunkEstimator {
  const estimator = estimators.get(evaluation);
  if (!estimator) throw new Error(`evaluation ${evaluation} has not begun`);
  return estimator;
}

port.on('message', (request: ThreadRequest) => {
  if (request.kind === 'begin') {
    estimators.set(request.evaluation, new ChunkEstimator(request.setup));
  } else if (request.kind === 'learn') {
    const { evaluation, rows } = request;
    estimatorOf(evaluation).learn(rows);
    port.postMessage({ kind: 'learn', evaluation } satisfies ThreadAnswer);
  } else if (request.kind === 'estimate') {
    const { evaluation, rows } = request;
    const estimate = estimatorOf(evaluation).estimate(rows);
    port.postMessage({ kind: 'estimate', evaluation, estimate } satisfies ThreadAnswer, [
      estimate.weighted.buffer as ArrayBuffer,
    ]);
  } else if (request.kind === 'end') {
    estimators.delete(request.evaluation);
  } else {
    port.close();
  }
});
