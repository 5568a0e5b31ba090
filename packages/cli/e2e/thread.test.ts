// The loop under fire: each service is killed in the middle of it, one after the other. What the application was told
// is compared with what Postgres has.
import { existsSync } from 'node:fs';
import { SEED_API_KEY } from '@rlaas/schemas';
import { runsLong } from '@rlaas/testkit';
import { expect, test } from 'vitest';
import { interrupt, makePlace, processesOf, serviceProcess, startDev } from './dev-stack.ts';
import { runApplication } from './thread/application.ts';
import { readDigits } from '../demo/digits.ts';
import { POLICY, countRows, installPolicy, storedDecisions } from './thread/installation.ts';

const DECISIONS = 2_000;
/** After how many decisions which service is killed. */
const KILLS = new Map([
  [500, 'collector'],
  [700, 'reward'],
  [900, 'trainer'],
  [1_100, 'gateway'],
]);

test.skipIf(!existsSync('/proc/self/environ') || !runsLong('the thread, with each service killed'))(
  'it learns, and every decision, outcome and reward is there once although each service was killed',
  { timeout: 180_000 },
  async () => {
    const here = await makePlace();
    const stack = startDev(here);
    try {
      await stack.ready;
      await installPolicy(here);
      const application = {
        origin: here.origin,
        key: SEED_API_KEY,
        policy: POLICY,
        digits: readDigits(),
        eachMs: 14,
      };
      const log = await runApplication({
        ...application,
        decisions: DECISIONS,
        onDecision(index) {
          const service = KILLS.get(index);
          if (service !== undefined) process.kill(serviceProcess(here, service), 'SIGKILL');
        },
      });
      await expect
        .poll(() => countRows(here), { timeout: 60_000, interval: 250 })
        .toMatchObject({
          decisions: DECISIONS,
          outcomes: DECISIONS,
          rewards: DECISIONS,
          pending: 0,
          learned: DECISIONS,
        });
      // Not only as many: the very ones, with the action and the probability that were answered.
      const stored = await storedDecisions(here);
      const different = [...log.decisions].filter(([id, told]) => {
        const found = stored.get(id);
        return found?.action !== told.action || found.propensity !== told.probability;
      });
      expect(different).toEqual([]);
      // How fast services come back is up to the machine; what they know when they have is not.
      const later = await runApplication({ ...application, decisions: 500, onDecision: () => undefined });
      const share = (right: readonly boolean[]): number => right.filter(Boolean).length / right.length;
      expect(share(log.right.slice(0, 200))).toBeLessThan(0.35);
      expect(share(later.right.slice(-200))).toBeGreaterThanOrEqual(0.6);
    } finally {
      await interrupt(stack);
      expect(processesOf(here)).toEqual([]);
      await here.remove();
    }
  },
);
