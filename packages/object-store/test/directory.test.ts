import { readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe } from 'vitest';
import { directoryStore } from '../src/index.ts';
import { contract } from './contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('directory', () => {
  const root = join(temporaryFolder(), 'objects');
  contract(
    async () => ({
      store: directoryStore({ root }),
      async damage(key, content) {
        const link = join(root, key);
        writeFileSync(join(dirname(link), readlinkSync(link)), content);
      },
    }),
    { propertyRuns: 60 },
  );
});
