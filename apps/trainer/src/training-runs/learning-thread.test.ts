import { versionConfigurationSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { createLearningThread } from './learning-thread.ts';
import { RunLearner } from './run-learner.ts';

const configuration = versionConfigurationSchema.parse({ learner: { bits: 8 } });
const metadata = { policy: 'p', version: 'v', position: 3 };
const rows = [0.3, 0, 0.3].map((propensity, index) => ({
  decision_id: `0190a000-0000-7000-8000-00000000000${index}`,
  value: 0.5,
  data: JSON.stringify({
    context: { x: index },
    actions: [{ id: 'a' }, { id: 'b' }],
    probabilities: [0.3, 0.7],
    chosen: 0,
    propensity,
    policy_version: null,
    checkpoint: null,
    mode: 'shadow_only',
  }),
}));

test('a thread makes the same files as a learner in this one, and tells what cannot be learned from', async () => {
  const thread = createLearningThread();
  const lesson = thread.begin(configuration);
  const here = new RunLearner(configuration);
  const unusable = await lesson.learn(rows, true);
  expect(unusable.map(({ id }) => id)).toEqual([rows[1]?.decision_id]);
  expect(here.learn(rows, true)).toEqual(unusable);
  const learned = await lesson.finish(metadata);
  expect(learned).toEqual(here.finish(metadata));
  expect(learned.decisions).toBe(2);
  await thread.close();
});

test('lessons know nothing of each other', async () => {
  const thread = createLearningThread();
  const [one, other] = [thread.begin(configuration), thread.begin(configuration)];
  await Promise.all([one.learn(rows, true), other.learn(rows.slice(0, 1), true)]);
  const [first, second] = await Promise.all([one.finish(metadata), other.finish(metadata)]);
  expect([first.decisions, second.decisions]).toEqual([2, 1]);
  one.end();
  other.end();
  const anew = thread.begin(configuration);
  await anew.learn(rows, true);
  expect(await anew.finish(metadata)).toEqual(first);
  await thread.close();
});

test('a thread that has ended says so, and the next lesson gets another one', async () => {
  const thread = createLearningThread();
  const lesson = thread.begin(configuration);
  lesson.end();
  await expect(lesson.learn(rows, true)).rejects.toThrow('has not begun');
  await expect(lesson.learn(rows, true)).rejects.toThrow('has not begun');
  expect(await thread.begin(configuration).learn(rows, true)).toHaveLength(1);
  await thread.close();
  await expect(thread.begin(configuration).learn(rows, true)).resolves.toHaveLength(1);
  await thread.close();
  await thread.close();
});

test('whoever waits when it ends without an answer is told', async () => {
  const thread = createLearningThread();
  const lesson = thread.begin(configuration);
  const closing = thread.close();
  await expect(lesson.learn(rows, true)).rejects.toThrow('the thread of the training runs has ended');
  await closing;
});
