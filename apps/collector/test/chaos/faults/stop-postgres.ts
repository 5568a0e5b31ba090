import type { Fault } from '../world/world.ts';

/** Postgres ends at once, without a checkpoint (`pg_ctl -m immediate`), and recovers at its next start. */
export const stopPostgres: Fault = async ({ postgres, collector, random, pause }) => {
  process.kill(postgres.pid, 'SIGQUIT');
  await pause(random.int(0, 1_500));
  await postgres.restart();
  await collector.ensureReady();
};
