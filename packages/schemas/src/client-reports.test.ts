import { expect, test } from 'vitest';
import { mistakes } from '../test/mistakes.ts';
import { clientReportSchema, dropReasons } from './client-reports.ts';

const sdk = { name: 'rlaas-ts', version: '1.2.0' };
const drop = { reason: 'queue_overflow', count: 1 };

test.each<[object, string[]]>([
  [{ sdk, drops: [drop, { reason: 'rejected', type: 'outcome', count: 1_000_000_000 }] }, []],
  [{ drops: [drop] }, ['/sdk is required']],
  [{ sdk: { ...sdk, name: 'x'.repeat(51) }, drops: [drop] }, ['/sdk/name must have at most 50 characters']],
  [{ sdk: { ...sdk, version: '' }, drops: [drop] }, ['/sdk/version must not be empty']],
  [{ sdk, drops: [] }, ['/drops must have at least 1 item']],
  [{ sdk, drops: Array.from({ length: 51 }, () => drop) }, ['/drops must have at most 50 items']],
  [{ sdk, drops: [{ ...drop, count: 0 }] }, ['/drops/0/count must be at least 1']],
  [{ sdk, drops: [{ ...drop, count: 1_000_000_001 }] }, ['/drops/0/count must be at most 1000000000']],
  [
    { sdk, drops: [{ ...drop, reason: 'lazy' }] },
    [`/drops/0/reason must be one of ${dropReasons.join(', ')}`],
  ],
])('%j', (report, expected) => {
  expect(mistakes(clientReportSchema, report)).toEqual(expected);
});
