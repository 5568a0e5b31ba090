import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bets } from './bets.ts';
import { type UnitOdds, oddsOfDecision, oddsOfDrawnEpisode, oddsOfSharedEpisode } from './unit-odds.ts';

const probability = fc.double({ min: 0.05, max: 0.95, noNaN: true });
const draw = fc
  .tuple(probability, probability, fc.integer({ min: 0, max: 1 }))
  .map(([c, i, chosen]) => ({ candidate: [c, 1 - c], incumbent: [i, 1 - i], chosen }));
const odds: fc.Arbitrary<UnitOdds> = fc.oneof(
  fc.tuple(draw, probability).map(([one, share]) => oddsOfDecision(one, share)),
  draw.map((one) => oddsOfDecision(one, 0)),
  fc
    .tuple(fc.array(draw, { minLength: 1, maxLength: 4 }), probability)
    .map((one) => oddsOfSharedEpisode(...one)),
  fc.array(draw, { minLength: 1, maxLength: 4 }).map((draws) => oddsOfDrawnEpisode(draws, 50, 'incumbent')),
);
const stake = fc.record({
  margin: fc.double({ min: 0, max: 0.3, noNaN: true }),
  centre: fc.double({ min: 0, max: 1, noNaN: true }),
  deviation: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
});

test('a unit of which nothing is known costs as much as any reward of it could, and never everything', () => {
  fc.assert(
    fc.property(stake, odds, odds, fc.double({ min: 0, max: 1, noNaN: true }), (terms, unit, usual, gain) => {
      const bets = new Bets(terms);
      bets.makeUnknown(unit, usual);
      const unknown = [...bets.factors];
      bets.make(unit, gain, usual);
      const wrong = unknown.filter(
        (factor, index) => !(factor >= 0.5 - 1e-9) || factor > (bets.factors[index] ?? 0) + 1e-9,
      );
      expect(wrong).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});
