// The live loop of the demo, in which each service is killed once: it ends as it does without.
import { existsSync } from 'node:fs';
import { SEED_API_KEY } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { createClient } from '../demo/client.ts';
import { readDigits } from '../demo/digits.ts';
import { QUICK } from '../demo/live/live-size.ts';
import { runLiveLoop } from '../demo/live/live-loop.ts';
import { interrupt, makePlace, processesOf, serviceProcess, startDev } from './dev-stack.ts';

/** After how many decisions which service is killed. */
const KILLS = new Map([
  [300, 'trainer'],
  [500, 'gateway'],
  [700, 'reward'],
  [900, 'collector'],
]);

test.skipIf(!existsSync('/proc/self/environ'))(
  'v1 is promoted by evidence and v2 is taken back, though each service was killed on the way',
  { timeout: 300_000 },
  async () => {
    const here = await makePlace();
    const stack = startDev(here);
    try {
      await stack.ready;
      const result = await runLiveLoop({
        client: createClient(here.origin, SEED_API_KEY),
        digits: readDigits(),
        size: QUICK,
        onProgress: () => undefined,
        onStep: () => undefined,
        onDecision(count) {
          const service = KILLS.get(count);
          if (service !== undefined) process.kill(serviceProcess(here, service), 'SIGKILL');
        },
      });
      expect(result.decisions).toBeGreaterThan(900);
      expect(result.v1.rollout).toMatchObject({ version: 'v1', stage: 'active', outcome: null });
      expect(result.v1.rollout.transitions.map(({ cause }) => cause)).toEqual(['start', 'gate', 'gate']);
      expect(result.v2.rollout).toMatchObject({ version: 'v2', stage: 'ended', outcome: 'rolled_back' });
      expect(result.v2.lastAfterMs).toBeLessThan(2_000);
      expect(result.accuracy.after).toBeGreaterThan(2 * result.accuracy.baseline);
    } finally {
      await interrupt(stack);
      expect(processesOf(here)).toEqual([]);
      await here.remove();
    }
  },
);
