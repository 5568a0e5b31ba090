import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBodyBudget } from './body-budget.ts';

test('never holds more than its limit, nor half of it for one tenant; all comes back', () => {
  const step = fc.record({
    tenant: fc.constantFrom('a', 'b', 'c'),
    bytes: fc.integer({ min: 1, max: 60 }),
    keep: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = createBodyBudget(100);
      const held: { tenant: string; bytes: number }[] = [];
      const of = (tenant?: string): number =>
        held
          .filter((one) => tenant === undefined || one.tenant === tenant)
          .reduce((sum, one) => sum + one.bytes, 0);
      for (const { tenant, bytes, keep } of steps) {
        const room = of() + bytes <= 100 && of(tenant) + bytes <= 50;
        expect(budget.reserve(tenant, bytes)).toBe(room);
        if (room) held.push({ tenant, bytes });
        const first = keep ? undefined : held.shift();
        if (first) budget.release(first.tenant, first.bytes);
        expect(budget.held).toBe(of());
      }
      for (const { tenant, bytes } of held) budget.release(tenant, bytes);
      expect(budget.held).toBe(0);
      expect(budget.reserve('a', 50)).toBe(true);
    }),
  );
});
