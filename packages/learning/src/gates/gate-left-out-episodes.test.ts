import { expect, test } from 'vitest';
import { Gate } from './gate.ts';
import { terms } from './testing/paths.ts';
import { oddsOfUnit } from './unit-draws.ts';

test.each([
  ['one draw', 1],
  ['two draws', 2],
])(
  'units of %s that lose their reward by what was done freeze the tests before anything is shown',
  (_, length) => {
    const gate = new Gate(terms);
    const [candidate, incumbent] = [
      [0.7, 0.3],
      [0.3, 0.7],
    ];
    const even = { candidate: [0.5, 0.5], incumbent: [0.5, 0.5], chosen: 0 };
    let shown = '';
    for (let unit = 0; unit < 20_000 && shown === ''; unit += 1) {
      // In the proportions in which they come: both actions are rewarded half the time; of the second one's rewards most are lost.
      const chosen = unit % 10 < 3 ? 0 : 1;
      const rewarded = Math.floor(unit / 10) % 2;
      const isLost = chosen === 1 && rewarded === 1 && Math.floor(unit / 20) % 4 < 3;
      const draws = [{ candidate, incumbent, chosen }, even].slice(0, length);
      gate.add({
        odds: oddsOfUnit(length === 1 ? 'decision' : 'episode', draws, 0, 50),
        assigned: undefined,
        hasTraffic: false,
        reward: isLost ? undefined : rewarded,
      });
      const fired = gate.look();
      if (fired.leftOut) shown = 'left out';
      else if (fired.improve) shown = 'better';
    }
    expect(shown).toBe('left out');
  },
);
