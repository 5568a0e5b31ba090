import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '@rlaas/database/embedded';
import { createTestDatabase } from '@rlaas/testkit';
import { expect, test } from 'vitest';

const db = await createTestDatabase();

test.for(['gateway', 'collector', 'reward', 'trainer'])(
  'the %s ends with 78 when its login is too mighty',
  async (service) => {
    const child = spawn(process.execPath, ['src/main.ts'], {
      cwd: fileURLToPath(new URL(`../../../apps/${service}/`, import.meta.url)),
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: db.ownerUrl,
        INTERNAL_TOKEN: 'x'.repeat(32),
        [`${service.toUpperCase()}_PORT`]: String(await freePort()),
        [`${service.toUpperCase()}_METRICS_PORT`]: String(await freePort()),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code, output).toBe(78);
    expect(output).toContain('is a superuser');
    expect(output).not.toContain('listening');
  },
);
