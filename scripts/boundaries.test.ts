import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { checkBoundaries } from './boundaries.ts';

const CONFIGURATION = fileURLToPath(new URL('../.dependency-cruiser.cjs', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'rlaas-boundaries-'));
afterAll(() => rmSync(root, { recursive: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

test('forbidden imports are reported, those of types alone as well, and every file is looked at', async () => {
  write('packages/database/src/b.ts', 'export const b = 1;\nexport type B = number;\n');
  write(
    'packages/schemas/src/value.ts',
    "import { b } from '../../database/src/b.ts';\nexport const c = b;\n",
  );
  write(
    'packages/schemas/src/type.ts',
    "import type { B } from '../../database/src/b.ts';\nexport const d: B = 1;\n",
  );
  write('packages/schemas/src/using.ts', 'export function f(): void {\n  using x = g();\n  x.h();\n}\n');
  write('apps/gateway/src/a.ts', "import { e } from '../../reward/src/e.ts';\nexport const a = e;\n");
  write('apps/reward/src/e.ts', 'export const e = 1;\n');
  write('apps/reward/src/routes/r.ts', "import { s } from '../store/s.ts';\nexport const r = s;\n");
  write('apps/reward/src/store/s.ts', 'export const s = 1;\n');
  write('apps/trainer/src/one.ts', "import { two } from './two.ts';\nexport const one = () => two;\n");
  write('apps/trainer/src/two.ts', "import { one } from './one.ts';\nexport const two = () => one;\n");
  write('packages/testkit/src/t.ts', 'export const t = 1;\n');
  write('packages/database/src/u.ts', "import { t } from '../../testkit/src/t.ts';\nexport const u = t;\n");
  write(
    'packages/database/src/u.test.ts',
    "import { t } from '../../testkit/src/t.ts';\nexport const u = t;\n",
  );

  write('node_modules/declared/package.json', '{"name":"declared","main":"index.js"}');
  write('node_modules/declared/index.js', '');
  write('node_modules/for-tests/package.json', '{"name":"for-tests","main":"index.js"}');
  write('node_modules/for-tests/index.js', '');
  write('node_modules/of-the-top/package.json', '{"name":"of-the-top","main":"index.js"}');
  write('node_modules/of-the-top/index.js', '');
  write('package.json', '{"dependencies":{"of-the-top":"1"}}');
  write('packages/cli/package.json', '{"dependencies":{"declared":"1"},"devDependencies":{"for-tests":"1"}}');
  write('packages/cli/src/p.ts', "import 'declared';\nimport 'for-tests';\nimport 'of-the-top';\n");
  write('packages/cli/src/p.test.ts', "import 'for-tests';\n");

  const { violations, files, seen } = await checkBoundaries(root, CONFIGURATION);

  expect(violations.toSorted()).toEqual(
    [
      'schemas-imports: packages/schemas/src/value.ts → packages/database/src/b.ts',
      'schemas-imports: packages/schemas/src/type.ts → packages/database/src/b.ts',
      'not-to-apps: apps/gateway/src/a.ts → apps/reward/src/e.ts',
      'routes-not-to-store: apps/reward/src/routes/r.ts → apps/reward/src/store/s.ts',
      'no-cycles: apps/trainer/src/one.ts → apps/trainer/src/two.ts',
      'database-imports: packages/database/src/u.ts → packages/testkit/src/t.ts',
      'no-testkit-in-products: packages/database/src/u.ts → packages/testkit/src/t.ts',
      'only-declared-packages: packages/cli/src/p.ts → node_modules/for-tests/index.js',
      'only-declared-packages: packages/cli/src/p.ts → node_modules/of-the-top/index.js',
    ].toSorted(),
  );
  expect({ files, seen }).toEqual({ files: 15, seen: 15 });
});
