// A gateway whose object store takes requests and never answers: who decides changes all the same.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Decision, versionConfigurationSchema } from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { startTestGateway } from './support/test-gateway.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const db = await createTestDatabase({ seeded: true });
const configuration = versionConfigurationSchema.parse({ learner: { bits: 8 } });
const setStatus = (version: string, status: string) =>
  db.sql('update rlaas.policy_versions set status = $1 where tenant_id = $2 and policy = $3 and name = $4', [
    status,
    TENANT,
    'p',
    version,
  ]);
await db.sql(
  `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, 'p', '{}', 'api')`,
  [TENANT],
);
// Nothing has been learned yet, so nothing has to be loaded.
for (const [name, status] of Object.entries({ v1: 'shadow', v2: 'active', v3: 'shadow' })) {
  await db.sql(
    `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
     values ($1, 'p', $2, $3, $4, 'api')`,
    [TENANT, name, status, configuration],
  );
}
let asked = 0;
const silent = createServer((socket) => {
  asked += 1;
  socket.on('error', () => undefined);
});
silent.listen(0, '127.0.0.1');
await once(silent, 'listening');
const gateway = await startTestGateway(db.url, {
  S3_ENDPOINT: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
  S3_ACCESS_KEY_ID: 'key',
  S3_SECRET_ACCESS_KEY: 'a secret of the store',
});
afterAll(async () => {
  await gateway.stop();
  gateway.remove();
  silent.close();
});

/** Which version decides. */
async function decidedBy(): Promise<string | null> {
  const { body } = await gateway.send<Decision>('/v1/decisions', {
    policy: 'p',
    actions: [{ id: 'a' }, { id: 'b' }],
  });
  return `${body.policy_version} ${body.mode}`;
}

test('a rollback reaches a gateway within 2 s while all it loads hangs, and so does what comes back', async () => {
  expect(await decidedBy()).toBe('v2 live');
  for (const version of ['v1', 'v2', 'v3']) {
    await db.sql(
      `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256)
       values ($1, 'p', $2, 1, 1, $3, $4)`,
      [TENANT, version, `checkpoints/${version}`, createHash('sha256').update(version).digest('hex')],
    );
  }
  await expect.poll(() => asked, { timeout: 8_000 }).toBeGreaterThanOrEqual(3);
  expect(await decidedBy()).toBe('v2 live');

  await setStatus('v2', 'rolled_back');
  await setStatus('v1', 'active');
  await expect.poll(decidedBy, { timeout: 2_000, interval: 50 }).toBe('v1 live');
  await setStatus('v1', 'rolled_back');
  await expect.poll(decidedBy, { timeout: 2_000, interval: 50 }).toBe('null shadow_only');
  // What hung is given up after 10 s, and brings nothing back.
  await expect.poll(() => gateway.catalogue.refused(), { timeout: 15_000 }).toBe(1);
  expect(await decidedBy()).toBe('null shadow_only');
});
