import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder that is removed when the test file is done. Call it outside of any hook. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rlaas-objects-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
