import { expect, test } from 'vitest';
import { machineLine, thisMachine } from './machine.ts';

test('one line says on what it ran', () => {
  expect(
    machineLine({
      cores: 2,
      processor: 'Some CPU ',
      memory_bytes: 8_589_934_592,
      platform: 'linux x64',
      node: '24.21.0',
      postgres: '18.4',
      load_before: 0.456,
    }),
  ).toBe(
    'machine: 2 cores (Some CPU), 8.0 GiB, linux x64, Node 24.21.0, Postgres 18.4; load before the run 0.46',
  );
});

test('without a Postgres it names none', () => {
  expect(machineLine(thisMachine())).not.toContain('Postgres');
});
