import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { testFolder } from './testing/test-journal.ts';

const MODULE = fileURLToPath(new URL('folder-lock.ts', import.meta.url));
/** Locks the folder, says so, and stays. */
const HOLDER = `
  const { lockFolder } = await import(process.argv[1]);
  lockFolder(process.argv[2]);
  process.stdout.write('locked');
  setInterval(() => undefined, 1_000);
`;

test('two processes on a folder: the second is told; the lock of one that was killed holds nobody up', async () => {
  const folder = testFolder();
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, MODULE, folder]);
  onTestFinished(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  expect(() => lockFolder(folder)).toThrow(
    `another gateway works in ${folder}: each needs a STATE_DIR of its own`,
  );
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const unlock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow('another gateway');
  unlock();
  lockFolder(folder)();
});
