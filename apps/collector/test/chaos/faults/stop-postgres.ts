import type { Fault } from '../world/world.ts';

/**
 * Postgres ends at once, without a checkpoint (`pg_ctl -m immediate`), and recovers at its next start. By its own
 * settings it answers before it has written: what is acknowledged must be there all the same.
 */
export const stopPostgres: Fault = async ({ postgres, collector, random, pause }) => {
  await postgres.sql('alter system set synchronous_commit = off');
  await postgres.sql("alter system set wal_writer_delay = '2s'");
  await postgres.sql('select pg_reload_conf()');
  await pause(random.int(200, 600));
  process.kill(postgres.pid, 'SIGQUIT');
  await pause(random.int(0, 1_500));
  await postgres.restart();
  await collector.ensureReady();
};
