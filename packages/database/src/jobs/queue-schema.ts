import { PgBoss, getConstructionPlans } from 'pg-boss';
import type pg from 'pg';

/** Where pg-boss keeps its queues. */
export const QUEUE_SCHEMA = 'pgboss';

/** Services run jobs as this role; they make nothing of the schema themselves. */
const GRANTS = `grant usage on schema ${QUEUE_SCHEMA} to rlaas_worker;
grant select, insert, update, delete on all tables in schema ${QUEUE_SCHEMA} to rlaas_worker;
grant execute on all functions in schema ${QUEUE_SCHEMA} to rlaas_worker;
`;

/** The statements that make the schema, without a transaction of their own. */
export function queueSchemaSql(): string {
  const plan = getConstructionPlans(QUEUE_SCHEMA).replaceAll(/^\s*(BEGIN|COMMIT);\s*$/gm, '');
  return `${plan.trim()}\n${GRANTS}`;
}

/** Makes the schema of the queues, or brings it up to the release of pg-boss that is installed. */
export async function migrateQueueSchema(client: pg.ClientBase): Promise<'made' | 'up to date'> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('${QUEUE_SCHEMA}.version') is not null as there`,
  );
  if (!rows[0]?.there) {
    await client.query(`begin; ${queueSchemaSql()} commit;`);
    return 'made';
  }
  const boss = new PgBoss({
    db: { executeSql: (text, values) => client.query(text, values as unknown[]) },
    schema: QUEUE_SCHEMA,
    supervise: false,
    schedule: false,
    createSchema: false,
  });
  await boss.start();
  await boss.stop({ graceful: false, close: false });
  await client.query(GRANTS);
  return 'up to date';
}
