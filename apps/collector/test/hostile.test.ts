import { expect, test } from 'vitest';
import { isWell, reportText } from './hostile/report.ts';
import { runHostile } from './hostile/run-hostile.ts';

test(
  'whatever is sent, nobody else notices: no fault, no wait without end, no memory lost',
  { timeout: 120_000 },
  async () => {
    const lines: string[] = [];
    const report = await runHostile({
      seed: 20_261_123,
      mutations: 3_000,
      long: false,
      print: (line) => lines.push(line),
    });
    for (const line of lines) if (line.startsWith('skipped: ')) process.stderr.write(`${line}\n`);
    expect(isWell(report), [...lines, reportText(report)].join('\n')).toBe(true);
  },
);
