// The promise of the architecture: keys that are known keep working while Postgres is away, also after the gateway was
// restarted; an unknown key is told to come back, never that it is wrong. The gateway decides meanwhile, and every decision
// is in Postgres afterwards.
import { existsSync } from 'node:fs';
import { SEED_API_KEY } from '@rlaas/schemas';
import { startEmbedded, urlFor } from '@rlaas/testkit';
import { expect, test } from 'vitest';
import { ask, interrupt, makePlace, processesOf, serviceProcess, startDev } from './dev-stack.ts';

const UNKNOWN = 'rlk_000000000000_00000000000000000000000000000000';

test.skipIf(!existsSync('/proc/self/environ'))(
  'with Postgres stopped a known key passes and an unknown one waits',
  async () => {
    const server = await startEmbedded();
    const here = await makePlace({
      DATABASE_URL: urlFor(server.superuserUrl, { user: 'rlaas_app', password: 'test' }),
      DATABASE_OWNER_URL: server.superuserUrl,
    });
    const stack = startDev(here);
    try {
      await stack.ready;
      const whoami = (key: string) => ask(`${here.origin}/v1/whoami`, { key });
      expect(await whoami(SEED_API_KEY)).toMatchObject({ status: 200, body: { stale: false } });
      expect(await whoami(UNKNOWN)).toMatchObject({ status: 401, body: { code: 'invalid_key' } });

      await server.halt();
      // Beyond the five seconds for which an answer is fresh.
      await expect
        .poll(async () => (await whoami(SEED_API_KEY)).body['stale'], { timeout: 20_000 })
        .toBe(true);
      expect(await whoami(SEED_API_KEY)).toMatchObject({ status: 200 });
      expect(await whoami(`${UNKNOWN}1`)).toMatchObject({
        status: 503,
        body: { code: 'auth_unavailable', retryable: true },
      });
      // It decides, so it gets traffic.
      expect((await fetch(`${here.origin}/readyz`)).status).toBe(200);
      expect((await fetch(`${here.origin}/healthz`)).status).toBe(200);
      const decide = async (): Promise<string> => {
        const decided = await ask(`${here.origin}/v1/decisions`, {
          key: SEED_API_KEY,
          method: 'POST',
          body: { policy: 'support-draft', context: { topic: 'refund' } },
        });
        expect(decided).toMatchObject({ status: 200, body: { mode: 'shadow_only' } });
        return String(decided.body['id']);
      };
      const decisions = [await decide(), await decide()];

      const before = serviceProcess(here, 'gateway');
      process.kill(before, 'SIGKILL');
      await expect
        .poll(async () => (await whoami(SEED_API_KEY).catch(() => ({ status: 0 }))).status, {
          timeout: 30_000,
        })
        .toBe(200);
      expect(serviceProcess(here, 'gateway')).not.toBe(before);
      expect(await whoami(SEED_API_KEY)).toMatchObject({ status: 200, body: { stale: true } });
      expect(await whoami(UNKNOWN)).toMatchObject({ status: 503, body: { code: 'auth_unavailable' } });
      // Policies and weights were on its disk.
      decisions.push(await decide(), await decide());

      await server.restart();
      await expect
        .poll(async () => (await whoami(SEED_API_KEY)).body['stale'], { timeout: 20_000 })
        .toBe(false);
      await expect.poll(async () => (await whoami(UNKNOWN)).status, { timeout: 20_000 }).toBe(401);
      await expect
        .poll(
          async () => {
            const { body } = await ask(
              `${here.origin}/v1/events?type=decision&policy=support-draft&limit=500`,
              {
                key: SEED_API_KEY,
              },
            );
            const stored = new Set((body['items'] as { id: string }[] | undefined)?.map(({ id }) => id));
            return decisions.filter((id) => !stored.has(id));
          },
          { timeout: 30_000 },
        )
        .toEqual([]);
    } finally {
      await interrupt(stack);
      await server.stop();
      expect(processesOf(here)).toEqual([]);
      await here.remove();
    }
  },
);
