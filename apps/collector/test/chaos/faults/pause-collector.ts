import type { Fault } from '../world/world.ts';

/** The collector stands still for longer than its clients wait, and goes on with what it was doing. */
export const pauseCollector: Fault = async ({ collector, random, pause }) => {
  collector.pause();
  try {
    await pause(random.int(1_500, 4_000));
  } finally {
    collector.resume();
  }
  await collector.ensureReady();
};
