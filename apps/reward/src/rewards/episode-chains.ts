import type { EpisodeFacts } from './facts.ts';

/** A decision of an episode. Times are milliseconds since 1970. */
export interface EpisodeMember {
  id: string;
  occurredAt: number;
  receivedAt: number;
  /** When its reward would close by itself. */
  deadline: number;
  /** The decision whose choice it repeats. */
  stickyOf: string | null;
}

/** Decisions of an episode whose rewards close together. */
export interface EpisodeChain<Member extends EpisodeMember> {
  /** The latest of their own. */
  deadline: number;
  members: readonly Member[];
}

/**
 * The decisions of an episode in groups that close together: each that is received before the group closes belongs to
 * it, and puts the closing off to its own deadline if that is later. So it follows from what is stored alone when a
 * group closes and who is in it.
 */
export function chainsOf<Member extends EpisodeMember>(members: readonly Member[]): EpisodeChain<Member>[] {
  const chains: { deadline: number; members: Member[] }[] = [];
  const inOrder = members.toSorted((a, b) => a.receivedAt - b.receivedAt || (a.id < b.id ? -1 : 1));
  for (const member of inOrder) {
    const last = chains.at(-1);
    if (last && member.receivedAt <= last.deadline) {
      last.members.push(member);
      last.deadline = Math.max(last.deadline, member.deadline);
    } else chains.push({ deadline: member.deadline, members: [member] });
  }
  return chains;
}

/**
 * What each decision of a group has from the episode.
 * @param discount what is left of the episode's outcome for each decision that came after; 0 leaves it to the last one
 * @param unused decisions without a reward: they were never used, so none of them is the last one
 */
export function episodeFactsOf(
  episodeFrom: number,
  { members }: EpisodeChain<EpisodeMember>,
  discount: number,
  unused: ReadonlySet<string>,
): Map<string, EpisodeFacts> {
  const sorted = members.toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1));
  const to = sorted.at(-1)?.occurredAt ?? episodeFrom;
  const weights = new Map<string, number>();
  let after = 0;
  for (const member of sorted.toReversed()) {
    weights.set(member.id, discount ** after);
    // A repeat is no step of its own: it shares that of the decision that it repeats.
    if (member.stickyOf === null && !unused.has(member.id)) after += 1;
  }
  return new Map(
    sorted.map((member) => {
      const shared = member.stickyOf === null ? undefined : weights.get(member.stickyOf);
      return [member.id, { from: episodeFrom, to, weight: shared ?? weights.get(member.id) ?? 1 }];
    }),
  );
}
