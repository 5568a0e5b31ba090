import type pg from 'pg';

/** The policy that the bench asks. */
export const POLICY = 'bench-decide';

/**
 * Installs a policy whose version is active and has the default configuration. By SQL, since a version becomes active
 * through a rollout only.
 */
export async function installPolicy(client: pg.Client, tenantId: string): Promise<void> {
  await client.query(
    `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, $2, '{}', 'seed')`,
    [tenantId, POLICY],
  );
  await client.query(
    `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
     values ($1, $2, 'v1', 'active', '{}', 'seed')`,
    [tenantId, POLICY],
  );
}
