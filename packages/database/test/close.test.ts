import { createTestDatabase } from '@rlaas/testkit';
import { expect, test } from 'vitest';
import { createDatabase } from '../src/database.ts';

const db = await createTestDatabase();

test('a connection that the server ends while its pool closes is nothing to tell', async () => {
  const told: unknown[] = [];
  for (let round = 0; round < 20; round += 1) {
    const applicationName = `closing-${round}`;
    const database = createDatabase({
      url: db.url,
      poolMax: 8,
      applicationName,
      onIdleError: (error) => told.push(error),
    });
    const work = () =>
      database.transaction({ role: 'rlaas_worker', tenants: [] }, (tx) => tx.query('select pg_sleep(0.01)'));
    await Promise.all(Array.from({ length: 8 }, work));
    const terminated = db.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      [applicationName],
    );
    // While the server is asked.
    await new Promise((resolve) => {
      setTimeout(resolve, round % 10);
    });
    await database.close();
    const atClose = told.length;
    await terminated;
    // Connections end behind that.
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    expect(told).toHaveLength(atClose);
  }
});
