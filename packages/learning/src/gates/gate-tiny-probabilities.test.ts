import { describe, expect, test } from 'vitest';
import { Gate } from './gate.ts';
import { terms } from './testing/paths.ts';
import { oddsOfDecision } from './unit-odds.ts';

/** Units until a bad active version is found after one decision in which it had almost no chance to do something. */
function unitsUntilRollback(tiny: number | undefined): number {
  const gate = new Gate({ ...terms, rollbackMargin: 0.01 });
  const add = (candidate: readonly number[], incumbent: readonly number[], chosen: number, reward: number) =>
    gate.add({
      odds: oddsOfDecision({ candidate, incumbent, chosen }, 1),
      assigned: undefined,
      hasTraffic: true,
      reward,
    });
  for (let unit = 0; unit < 500; unit += 1) add([0.5, 0.5], [0.5, 0.5], unit % 2, 1);
  if (tiny !== undefined) add([1 - tiny, tiny], [0.9, 0.1], 0, 1);
  // It plays the action that is never rewarded in 7 of 10 decisions; the one before played the other.
  for (let unit = 1; unit <= 40_000; unit += 1) {
    const chosen = unit % 10 < 7 ? 0 : 1;
    add([0.7, 0.3], [0.3, 0.7], chosen, chosen);
    const { rollback, change } = gate.look();
    if (rollback || change) return unit;
  }
  return Infinity;
}

describe('a decision in which something had almost no probability', () => {
  test.each([1e-9, 1e-12, 1e-20])('does not blind the tests of rollbacks, %d', (tiny) => {
    const without = unitsUntilRollback(undefined);
    expect(without).toBeLessThan(1_000);
    expect(unitsUntilRollback(tiny)).toBeLessThan(10 * without);
  });

  test('leaves every sum a number that JSON can keep', () => {
    const gate = new Gate(terms);
    for (const candidate of [
      [1, 0],
      [0.5, 0.5],
      [0.5, 0.5],
    ]) {
      const odds = oddsOfDecision({ candidate, incumbent: [1, 1e-200], chosen: 0 }, 0);
      gate.add({ odds, assigned: undefined, hasTraffic: false, reward: 1 });
    }
    const { state } = gate;
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
