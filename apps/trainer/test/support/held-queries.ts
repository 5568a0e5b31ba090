import type { Database } from '@rlaas/database';

/**
 * A database in which some queries take until the test lets them go on.
 * @param isHeld by its text and values
 */
export function holdQueries(
  database: Database,
  isHeld: (text: string, values: readonly unknown[]) => boolean,
): { database: Database; reached: Promise<void>; goOn: () => void } {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held: Database = {
    ...database,
    transaction: (options, work) =>
      database.transaction(options, (tx) => {
        const query: typeof tx.query = async (text, values) => {
          if (isHeld(text, values ?? [])) {
            reached.resolve();
            await released.promise;
          }
          return tx.query(text, values);
        };
        return work({ ...tx, query });
      }),
  };
  return { database: held, reached: reached.promise, goOn: () => released.resolve() };
}
