import type { Database, Transaction } from '@rlaas/database';
import type { ExplainedReward, Reward } from '@rlaas/schemas';
import { assessDecisions } from '../assessments/assess-decisions.ts';
import { readFacts } from '../rewards/compute-cases.ts';
import type { EventFacts } from '../rewards/facts.ts';
import { SpecificationCache, type UsedSpecification, nameOf } from '../specifications/specification-cache.ts';
import { type DecisionRow, findDecisions } from '../store/decisions.ts';
import { findEventsByIds, findEventsOfEpisode } from '../store/events-of-decisions.ts';
import { type RewardFilter, type RewardRow, findRewardsOf, listRewards } from '../store/reward-rows.ts';
import { findDefinitions } from '../store/reward-specs.ts';
import { explainReward, rewardOf } from './explain-reward.ts';

/** Rewards as people look at them. */
export interface RewardReader {
  /** One more than `limit`, those of the newest decisions first. */
  list: (
    tenantId: string,
    filter: RewardFilter,
    page: { after: { decisionId: string; specVersion: number } | undefined; limit: number },
  ) => Promise<Reward[]>;
  /** @param version of the specification; `undefined`: the one that is learned from. @returns `undefined`: there is none */
  explain: (
    tenantId: string,
    decisionId: string,
    version: number | undefined,
  ) => Promise<ExplainedReward | undefined>;
}

export function createRewardReader({
  database,
  now,
}: {
  database: Database;
  now: () => number;
}): RewardReader {
  const specifications = new SpecificationCache();
  const reading = <T>(tenantId: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, work);
  return {
    list: (tenantId, filter, page) =>
      reading(tenantId, async (tx) => (await listRewards(tx, tenantId, filter, page)).map(rewardOf)),
    explain: (tenantId, decisionId, version) =>
      reading(tenantId, async (tx) => {
        const rows = await findRewardsOf(tx, tenantId, decisionId);
        const row = version === undefined ? rows[0] : rows.find(({ specVersion }) => specVersion === version);
        if (!row) return undefined;
        const key = { tenantId, policy: row.policy, version: row.specVersion };
        const used = (await specifications.find([key], (missing) => findDefinitions(tx, missing))).get(
          nameOf(key),
        );
        const [decision] = await findDecisions(tx, [{ tenantId, id: decisionId }]);
        const soFar =
          decision && used && row.status === 'pending'
            ? await assessSoFar(tx, decision, used, now())
            : undefined;
        const components = soFar?.components ?? row.components;
        const events = decision && used ? await findEvents(tx, decision, { row, used }) : [];
        const known = new Set(events.map(({ id }) => id));
        const named = [
          ...Object.values(components?.inputs ?? {}).flatMap((made) => made.events),
          ...(components?.ignored ?? []).map(({ id }) => id),
        ].filter((id) => !known.has(id));
        return explainReward({
          row,
          soFar,
          compiled: used?.ok ? used.compiled : undefined,
          events: [...events, ...(await findEventsByIds(tx, tenantId, named))],
          others: rows.filter((other) => other !== row),
        });
      }),
  };
}

async function assessSoFar(tx: Transaction, decision: DecisionRow, used: UsedSpecification, at: number) {
  const [made] = await assessDecisions(tx, [decision], used, at);
  return made && { value: made.value, components: made.components };
}

/** Events that name the decision, or its episode alone. */
async function findEvents(
  tx: Transaction,
  decision: DecisionRow,
  { row, used }: { row: RewardRow; used: UsedSpecification },
): Promise<EventFacts[]> {
  const [facts] = await readFacts(
    tx,
    [{ ...decision, deadline: row.deadline, specification: used }],
    undefined,
  );
  const own = facts?.events ?? [];
  if (decision.episodeId === null) return own;
  const ofEpisode = await findEventsOfEpisode(tx, { ...decision, episodeId: decision.episodeId });
  const alone = ofEpisode.flatMap(({ decisionId, externalId, ...event }) =>
    decisionId === null && externalId === null ? [{ ...event, about: 'episode' as const }] : [],
  );
  return [...own, ...alone];
}
