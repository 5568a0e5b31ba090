import type { Fault } from '../world/world.ts';

/** SIGTERM under load: it answers what it has, ends with 0, and another one takes over. */
export const drainCollector: Fault = async ({ collector, violations }) => {
  const ended = await collector.terminate();
  if (ended !== 0) {
    const what = [`it ended with ${ended}`, ...collector.log()].join('\n');
    violations.push({ kind: 'not_drained', what, requests: [] });
  }
  await collector.start();
};
