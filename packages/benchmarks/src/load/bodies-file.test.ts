import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readBodies, writeBodies } from './bodies-file.ts';

test('bodies come back as they were, more than are written at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rlaas-bodies-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bodies = Array.from({ length: 4_321 }, (_, index) =>
    JSON.stringify({ index, text: 'line\nbreak, ü' }),
  );
  await writeBodies(join(folder, 'bodies'), bodies);
  const read = await readBodies(join(folder, 'bodies'));
  expect(read.map(String)).toEqual(bodies);
});
