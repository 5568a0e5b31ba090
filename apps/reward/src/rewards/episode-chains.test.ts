import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EpisodeMember, chainsOf, episodeFactsOf } from './episode-chains.ts';

const member = (id: string, at: number, over: Partial<EpisodeMember> = {}): EpisodeMember => ({
  id,
  occurredAt: at,
  receivedAt: at,
  deadline: at + 100,
  stickyOf: null,
  ...over,
});

test('decisions that come before the others close wait with them, and put them off', () => {
  const chains = chainsOf([member('c', 190), member('a', 0), member('b', 90), member('d', 291)]);
  expect(chains.map(({ deadline, members }) => [deadline, members.map(({ id }) => id)])).toEqual([
    [290, ['a', 'b', 'c']],
    [391, ['d']],
  ]);
});

test('who closes with whom follows from what came before, and not from what comes later', () => {
  const anyMember = fc.record({
    id: fc.uuid(),
    occurredAt: fc.nat(1_000),
    receivedAt: fc.nat(1_000),
    deadline: fc.integer({ min: 0, max: 1_200 }),
    stickyOf: fc.constant(null),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(anyMember, { selector: ({ id }) => id, maxLength: 10 }),
      fc.nat(1_300),
      (given, at) => {
        const members = given.map((one) => ({ ...one, deadline: Math.max(one.deadline, one.receivedAt) }));
        const known = members.filter(({ receivedAt }) => receivedAt <= at);
        const ids = (chains: ReturnType<typeof chainsOf>) =>
          chains
            .filter(({ deadline }) => deadline <= at)
            .map((chain) => [chain.deadline, chain.members.map(({ id }) => id)]);
        // What has closed by then is the same, whatever came since.
        expect(ids(chainsOf(known))).toEqual(ids(chainsOf(members)));
        expect(ids(chainsOf(members.toReversed()))).toEqual(ids(chainsOf(members)));
      },
    ),
  );
});

test.each<[string, number, number[]]>([
  ['equal', 1, [1, 1, 1]],
  ['last', 0, [0, 0, 1]],
  ['discounted', 0.5, [0.25, 0.5, 1]],
])('%s credit', (_name, discount, weights) => {
  const [chain] = chainsOf([member('a', 0), member('b', 10), member('c', 20)]);
  if (!chain) throw new Error('there is no chain');
  const facts = episodeFactsOf(0, chain, discount, new Set());
  expect([...facts.values()].map(({ weight }) => weight)).toEqual(weights);
});

test('a decision that was never used is not the last one, and a repeat shares what its first has', () => {
  const [chain] = chainsOf([
    member('a', 0),
    member('b', 10),
    member('repeat', 15, { stickyOf: 'a' }),
    member('unused', 20),
  ]);
  if (!chain) throw new Error('there is no chain');
  const facts = episodeFactsOf(0, chain, 0, new Set(['unused']));
  expect(Object.fromEntries([...facts].map(([id, { weight }]) => [id, weight]))).toMatchObject({
    a: 0,
    b: 1,
    repeat: 0,
  });
});
