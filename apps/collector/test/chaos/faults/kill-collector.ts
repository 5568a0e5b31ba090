import type { Fault } from '../world/world.ts';

/** Share of kills that are followed by another while the collector is starting. */
const AGAIN = 0.15;

/** kill -9 in the middle of whatever it does, and started again at once. */
export const killCollector: Fault = async ({ collector, random, pause }) => {
  await collector.kill();
  while (random.chance(AGAIN)) {
    await collector.launch();
    await pause(random.int(50, 1_000));
    await collector.kill();
  }
  await collector.start();
};
