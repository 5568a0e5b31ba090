import type { Transaction } from '@rlaas/database';
import type { CompiledSpecification } from '../specifications/compile.ts';
import type { UsedSpecification } from '../specifications/specification-cache.ts';
import { findAliases, linkAliases } from '../store/decision-aliases.ts';
import { MOST_EVENTS, findEventsOf, findSuperseding, hasSuperseding } from '../store/events-of-decisions.ts';
import { type Computed, computeReward } from './compute.ts';
import type { EventFacts } from './facts.ts';

/** Decisions whose events are in memory together: fewer where texts are read, of which each may be large. */
const PART = 5_000;
const LARGE_PART = 100;

/** A decision whose reward is to be computed. Times are milliseconds since 1970. */
export interface RewardCase {
  tenantId: string;
  policy: string;
  id: string;
  occurredAt: number;
  deadline: number;
  externalId: string | null;
  deferred: boolean;
  specification: UsedSpecification;
}

/** What is stored about a decision. */
export interface CaseFacts {
  events: EventFacts[];
  supersededBy: string | undefined;
}

/** @param linkAt when names are to be linked for ever, since rewards close by them; `undefined`: only looked at */
export async function readFacts(
  tx: Transaction,
  cases: readonly RewardCase[],
  linkAt: number | undefined,
): Promise<CaseFacts[]> {
  const owners = await ownersOf(tx, cases, linkAt);
  const events = await findEventsOf(
    tx,
    cases.map((one) => ({
      tenantId: one.tenantId,
      policy: one.policy,
      id: one.id,
      externalId: one.externalId !== null && owners.get(one.id) === one.id ? one.externalId : null,
    })),
    {
      preferences: cases.some(({ specification: used }) => used.ok && used.compiled.readsPreferences),
      demonstrations: cases.some(({ specification: used }) => used.ok && used.compiled.readsDemonstrations),
    },
  );
  const tenants = [...new Set(cases.map(({ tenantId }) => tenantId))];
  const superseding = (await hasSuperseding(tx, tenants)) ? await findSuperseding(tx, cases) : undefined;
  return events.map((own, index) => ({ events: own, supersededBy: superseding?.get(index) }));
}

/** The decision that has each case's name, by the case's id. */
async function ownersOf(
  tx: Transaction,
  cases: readonly RewardCase[],
  linkAt: number | undefined,
): Promise<Map<string, string>> {
  const named = cases.flatMap((one) =>
    one.externalId === null ? [] : [{ ...one, externalId: one.externalId }],
  );
  if (named.length === 0) return new Map();
  // In the order of keys, so that two that link the same names wait for each other and never in a circle.
  if (linkAt !== undefined) await linkAliases(tx, named.toSorted(byName), linkAt);
  const owners = await findAliases(tx, named);
  return new Map(named.map((one, index) => [one.id, owners[index] ?? one.id]));
}

function byName(
  a: { policy: string; externalId: string },
  b: { policy: string; externalId: string },
): number {
  return `${a.policy}/${a.externalId}` < `${b.policy}/${b.externalId}` ? -1 : 1;
}

/** Rewards of decisions that stand by themselves, in the order of the list. */
export async function computeCases(
  tx: Transaction,
  cases: readonly RewardCase[],
  linkAt: number | undefined,
): Promise<Computed[]> {
  const large = cases.some(({ specification: used }) => used.ok && used.compiled.readsDemonstrations);
  const part = large ? LARGE_PART : PART;
  const computed: Computed[] = [];
  for (let from = 0; from < cases.length; from += part) {
    computed.push(...(await computePart(tx, cases.slice(from, from + part), linkAt)));
  }
  return computed;
}

async function computePart(
  tx: Transaction,
  cases: readonly RewardCase[],
  linkAt: number | undefined,
): Promise<Computed[]> {
  const facts = await readFacts(tx, cases, linkAt);
  return cases.map((one, index) => {
    const { specification: used } = one;
    const { events, supersededBy } = facts[index] ?? { events: [], supersededBy: undefined };
    if (!used.ok) return unusable(used.message);
    if (events.length > MOST_EVENTS) return tooManyEvents();
    return computeOne(used.compiled, one, supersededBy, events);
  });
}

/** The end of a reward of which more events tell than are read. */
export function tooManyEvents(): Computed {
  return failedReward('too_many_events', `more than ${MOST_EVENTS} events name the decision`);
}

function computeOne(
  compiled: CompiledSpecification,
  { id, occurredAt, deadline, deferred }: RewardCase,
  supersededBy: string | undefined,
  events: readonly EventFacts[],
): Computed {
  return computeReward(
    compiled,
    { id, occurredAt, deadline, deferred, supersededBy, episode: undefined },
    events,
  );
}

/** The end of a reward whose specification cannot be used. */
export function unusable(message: string): Computed {
  return failedReward('specification_unusable', message);
}

/** An error of one decision. */
export function failedReward(kind: string, message: string): Computed {
  return {
    status: 'error',
    reason: kind,
    value: null,
    components: { inputs: {}, ignored: [], by: 'nothing', error: { kind, where: '', message } },
  };
}
