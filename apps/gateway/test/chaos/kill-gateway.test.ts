import { createTestDatabase } from '@rlaas/testkit';
import { expect, test } from 'vitest';
import { killGateway, reportText } from './kill-gateway.ts';

const database = await createTestDatabase({ seeded: true });

test(
  'kill -9 under load: every decision that was answered is in Postgres once, as it was answered',
  { timeout: 90_000 },
  async () => {
    const lines: string[] = [];
    const report = await killGateway({
      seed: 20_261_123,
      kills: 3,
      clients: 8,
      fsync: 'never',
      database,
      print: (line) => lines.push(line),
      signal: AbortSignal.timeout(80_000),
    });
    expect(report.violations, [...lines, reportText(report)].join('\n')).toEqual([]);
    expect(report.stored).toBeGreaterThan(100);
  },
);
