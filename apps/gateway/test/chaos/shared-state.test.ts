import { createTestDatabase } from '@rlaas/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { makeWorld } from './world/world.ts';

const database = await createTestDatabase({ seeded: true });

test('a second gateway with the same STATE_DIR does not start and says why; after a kill it does', async () => {
  const world = await makeWorld(database, 'never');
  onTestFinished(() => world.end());
  await world.gateway.start();
  await expect(world.rival.start()).rejects.toThrow('each needs a STATE_DIR of its own');
  await world.gateway.kill();
  await world.rival.start();
});
