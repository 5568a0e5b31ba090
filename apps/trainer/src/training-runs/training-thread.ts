// The thread in which training runs learn: it holds what each of them has learned so far.
import { parentPort } from 'node:worker_threads';
import { RunLearner } from './run-learner.ts';
import type { ThreadAnswer, ThreadRequest } from './thread-messages.ts';

const port = parentPort;
if (!port) throw new Error('this is begun as a thread of the trainer');
const lessons = new Map<number, RunLearner>();

function learnerOf(lesson: number): RunLearner {
  const learner = lessons.get(lesson);
  if (!learner) throw new Error(`lesson ${lesson} has not begun`);
  return learner;
}

port.on('message', (request: ThreadRequest) => {
  if (request.kind === 'begin') {
    lessons.set(request.lesson, new RunLearner(request.configuration));
  } else if (request.kind === 'learn') {
    const { lesson, rows, firstPass } = request;
    const unusable = learnerOf(lesson).learn(rows, firstPass);
    port.postMessage({ kind: 'learn', lesson, unusable } satisfies ThreadAnswer);
  } else if (request.kind === 'finish') {
    const { lesson, metadata } = request;
    const learned = learnerOf(lesson).finish(metadata);
    const { model, resume } = learned.files;
    // Handed over, not copied: they may be large.
    port.postMessage({ kind: 'finish', lesson, learned } satisfies ThreadAnswer, [
      model.content.buffer as ArrayBuffer,
      resume.content.buffer as ArrayBuffer,
    ]);
  } else if (request.kind === 'end') {
    lessons.delete(request.lesson);
  } else {
    port.close();
  }
});
