import type { Transaction } from '@rlaas/database';
import type { CompiledSpecification } from '../specifications/compile.ts';
import { keyOfEvent } from '../specifications/input-plan.ts';
import type { UsedSpecification } from '../specifications/specification-cache.ts';
import { type DecisionRow, type EpisodeKey, findEpisodeDecisions } from '../store/decisions.ts';
import { MOST_EVENTS, MOST_EVENTS_OF_EPISODE, findEventsOfEpisode } from '../store/events-of-decisions.ts';
import { type CaseFacts, readFacts, tooManyEvents, unusable } from './compute-cases.ts';
import { type Computed, computeReward } from './compute.ts';
import type { Gap } from './deadline.ts';
import { type EpisodeChain, type EpisodeMember, chainsOf, episodeFactsOf } from './episode-chains.ts';
import type { DecisionFacts, EventFacts } from './facts.ts';
import { ownDeadline } from './own-deadline.ts';

/** Decisions of one episode beyond this many have no reward: all of them are looked at for each. */
export const MOST_DECISIONS = 500;

/** The reward of one decision of an episode. */
export interface EpisodeReward {
  row: DecisionRow;
  /** When the rewards of its group close, milliseconds since 1970. */
  deadline: number;
  computed: Computed;
}

interface Member extends EpisodeMember {
  row: DecisionRow;
}

/**
 * Rewards of all decisions of an episode by one specification, as if the time of each group had come.
 * @param linkAt as for `readFacts`
 * @param until groups that close later are not computed; `undefined`: all are
 */
export async function computeEpisode(
  tx: Transaction,
  key: EpisodeKey,
  used: UsedSpecification,
  options: { gaps: readonly Gap[]; linkAt: number | undefined; until?: number },
): Promise<EpisodeReward[]> {
  const window = used.ok ? used.compiled : used;
  const rows = await findEpisodeDecisions(tx, key, MOST_DECISIONS);
  const members = rows.map((row): Member => {
    const { id, occurredAt, receivedAt, stickyOf } = row;
    const { deadline } = ownDeadline(window, row, options.gaps);
    return { id, occurredAt, receivedAt, stickyOf, deadline, row };
  });
  const chains = chainsOf(members).filter(
    ({ deadline }) => deadline <= (options.until ?? Number.POSITIVE_INFINITY),
  );
  if (chains.length === 0) return [];
  if (!used.ok) {
    return chains.flatMap(({ deadline, members: own }) =>
      own.map(({ row }) => ({ row, deadline, computed: unusable(used.message) })),
    );
  }
  const ofEpisode = await findEventsOfEpisode(tx, key);
  if (ofEpisode.length > MOST_EVENTS_OF_EPISODE) {
    return chains.flatMap(({ deadline, members: own }) =>
      own.map(({ row }) => ({ row, deadline, computed: tooManyEvents() })),
    );
  }
  const rewards: EpisodeReward[] = [];
  let from = Number.POSITIVE_INFINITY;
  for (const chain of chains) {
    // Of what was there when the group closes: a decision that comes in later moves nothing that is closed.
    from = Math.min(from, ...chain.members.map(({ occurredAt }) => occurredAt));
    const facts = await readFacts(
      tx,
      chain.members.map(({ row }) => ({ ...row, deadline: chain.deadline, specification: used })),
      options.linkAt,
    );
    rewards.push(...computeChain(used.compiled, { chain, from, facts, ofEpisode }));
  }
  return rewards;
}

type EpisodeEvents = Awaited<ReturnType<typeof findEventsOfEpisode>>;

function computeChain(
  compiled: CompiledSpecification,
  given: { chain: EpisodeChain<Member>; from: number; facts: readonly CaseFacts[]; ofEpisode: EpisodeEvents },
): EpisodeReward[] {
  const { chain, from, facts, ofEpisode } = given;
  const decisionOf = ({ row }: Member, index: number): DecisionFacts => ({
    id: row.id,
    occurredAt: row.occurredAt,
    deadline: chain.deadline,
    deferred: row.deferred,
    supersededBy: facts[index]?.supersededBy,
    episode: undefined,
  });
  // What was never used takes no part in who is the last one.
  const unused = new Set(
    chain.members.flatMap((member, index) => {
      const decision = decisionOf(member, index);
      if (decision.supersededBy === undefined && !decision.deferred) return [];
      const { status, reason } = computeReward(compiled, decision, facts[index]?.events ?? []);
      return status === 'inactive' && reason !== 'no_events' ? [member.id] : [];
    }),
  );
  const shares = episodeFactsOf(from, chain, compiled.discount, unused);
  const inEpisode = new Set(ofEpisode.map(({ id }) => id));
  const common: EventFacts[] = [];
  const seen = new Set<string>();
  for (const { decisionId, externalId, ...event } of ofEpisode) {
    const alone = decisionId === null && externalId === null;
    if (!alone && !isReadOfEpisodes(compiled, event)) continue;
    seen.add(event.id);
    common.push({ ...event, about: alone ? 'episode' : 'sibling' });
  }
  for (const { events } of facts) {
    for (const event of events) {
      if (seen.has(event.id) || !isReadOfEpisodes(compiled, event)) continue;
      seen.add(event.id);
      common.push({ ...event, about: 'sibling' });
    }
  }
  return chain.members.map((member, index) => {
    const own = facts[index]?.events ?? [];
    if (own.length > MOST_EVENTS) {
      return { row: member.row, deadline: chain.deadline, computed: tooManyEvents() };
    }
    // Nobody else reads these objects.
    for (const event of own) if (inEpisode.has(event.id)) event.about = 'both';
    const ids = new Set(own.map(({ id }) => id));
    const events = [...own, ...common.filter(({ id }) => !ids.has(id))];
    const decision = { ...decisionOf(member, index), episode: shares.get(member.id) };
    return { row: member.row, deadline: chain.deadline, computed: computeReward(compiled, decision, events) };
  });
}

/** Whether an input of the episode reads it: what was said of another decision changes nothing otherwise. */
function isReadOfEpisodes(
  { readers }: CompiledSpecification,
  { type, data }: Pick<EventFacts, 'type' | 'data'>,
): boolean {
  if (type === 'episode_end') return true;
  const name = data?.['name'];
  return [type, ...(typeof name === 'string' ? [keyOfEvent(type, name)] : [])].some((key) =>
    readers.get(key)?.some((plan) => plan.ofEpisode),
  );
}
