import type { Fault } from '../world/world.ts';

/** Postgres takes no writes, as one that became a standby in a fail-over. */
export const forbidWriting: Fault = async ({ postgres, collector, random, pause }) => {
  await postgres.sql('alter system set default_transaction_read_only = on');
  try {
    await postgres.sql('select pg_reload_conf()');
    await pause(random.int(500, 2_000));
  } finally {
    await postgres.sql('alter system reset default_transaction_read_only');
    await postgres.sql('select pg_reload_conf()');
  }
  await collector.ensureReady();
};
