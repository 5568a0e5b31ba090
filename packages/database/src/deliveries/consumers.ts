import type { Transaction } from '../transaction.ts';

/**
 * Makes a consumer known: it gets a delivery for every batch there ever was and will be, each once. Needs the role
 * `rlaas_worker`; waits for groups that are being written.
 * @returns whether it is new
 */
export async function registerConsumer(tx: Transaction, name: string): Promise<boolean> {
  const { rows } = await tx.query<{ registered: boolean }>(
    'select rlaas.register_consumer($1) as registered',
    [name],
  );
  return rows[0]?.registered ?? false;
}
