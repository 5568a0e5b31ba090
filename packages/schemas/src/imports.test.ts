import { expect, test } from 'vitest';
import { mistakes } from '../test/mistakes.ts';
import { createImportSchema, importSchema } from './imports.ts';

const ID = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const digest = 'ab'.repeat(32);
const NO_DIGEST = '/digest must be a SHA-256 as 64 hexadecimal digits in lower case';

test.each<[object, string[]]>([
  [{ source: 'export.dsjson', digest }, []],
  [{ digest }, ['/source is required']],
  [{ source: '', digest }, ['/source must not be empty']],
  [{ source: 'x'.repeat(201), digest }, ['/source must have at most 200 characters']],
  [{ source: 'x', digest: digest.toUpperCase() }, [NO_DIGEST]],
  [{ source: 'x', digest: digest.slice(1) }, [NO_DIGEST]],
  [{ source: 'x', digest, policy: 'p' }, ['/ has unknown members: "policy"']],
])('is asked for by %j', (body, expected) => {
  expect(mistakes(createImportSchema, body)).toEqual(expected);
});

test('tells how far it is', () => {
  const open = {
    import_id: ID,
    id_base: ID,
    source: 'export.dsjson',
    digest,
    status: 'open',
    created_at: '2026-03-01T09:30:00.000Z',
    completed_at: null,
    events: 0,
  };
  expect(importSchema.parse(open)).toEqual(open);
  expect(importSchema.safeParse({ ...open, status: 'half' }).success).toBe(false);
});
