import { type Database, claimDeliveries, listAllTenants } from '@rlaas/database';
import { rewardSpecificationSchema } from '@rlaas/schemas';
import {
  findNewDecisions,
  findOutcomes,
  insertPending,
  lockDue,
  lockImported,
  storeClosed,
  storeDeadlines,
} from '../store/rewards.ts';
import { computeReward, deadlineOf } from './compute.ts';

const CONSUMER = 'reward';
const BATCH = 500;

/** One round of work; several workers share it, since each takes what no other has. */
export interface RewardWorker {
  /** Opens a pending reward for every decision that was delivered. @returns how many deliveries were taken */
  open(): Promise<number>;
  /** Gives decisions of imports that were completed their deadlines. @returns how many */
  release(): Promise<number>;
  /** Closes rewards whose deadline has passed. @returns how many */
  close(): Promise<number>;
}

export function createRewardWorker({
  database,
  now,
}: {
  database: Database;
  now: () => number;
}): RewardWorker {
  const tenantIds = async (): Promise<string[]> =>
    (await listAllTenants(database)).map((tenant) => tenant.id);

  return {
    async open() {
      const tenants = await tenantIds();
      return database.transaction({ role: 'rlaas_worker', tenants }, async (tx) => {
        const deliveries = await claimDeliveries(tx, { consumer: CONSUMER, limit: BATCH });
        if (deliveries.length === 0) return 0;
        const decisions = await findNewDecisions(tx, deliveries);
        const pending = decisions.map((decision) => {
          const specification = rewardSpecificationSchema.parse(decision.definition);
          return {
            tenantId: decision.tenant_id,
            decisionId: decision.decision_id,
            specVersion: decision.spec_version,
            policy: decision.policy,
            occurredAt: decision.occurred_at,
            importId: decision.import_id,
            deadline:
              decision.import_id !== null && decision.completed_at === null
                ? null
                : new Date(
                    deadlineOf(
                      specification,
                      decision.occurred_at.getTime(),
                      Math.max(decision.received_at.getTime(), decision.completed_at?.getTime() ?? 0),
                    ),
                  ),
          };
        });
        if (pending.length > 0) await insertPending(tx, pending);
        return deliveries.length;
      });
    },
    async release() {
      const tenants = await tenantIds();
      return database.transaction({ role: 'rlaas_worker', tenants }, async (tx) => {
        const imported = await lockImported(tx, BATCH);
        if (imported.length === 0) return 0;
        await storeDeadlines(
          tx,
          imported.map((reward) => ({
            reward,
            deadline: new Date(
              deadlineOf(
                rewardSpecificationSchema.parse(reward.definition),
                reward.occurred_at.getTime(),
                // As if the whole import had come when it was completed.
                Math.max(reward.received_at.getTime(), reward.completed_at.getTime()),
              ),
            ),
          })),
        );
        return imported.length;
      });
    },
    async close() {
      const tenants = await tenantIds();
      return database.transaction({ role: 'rlaas_worker', tenants }, async (tx) => {
        const due = await lockDue(tx, new Date(now()), BATCH);
        if (due.length === 0) return 0;
        const outcomes = Map.groupBy(
          await findOutcomes(tx, due),
          (outcome) => `${outcome.tenant_id}/${outcome.decision_id}`,
        );
        await storeClosed(
          tx,
          due.map((reward) => ({
            due: reward,
            ...computeReward(
              rewardSpecificationSchema.parse(reward.definition),
              { occurredAt: reward.occurred_at.getTime(), deadline: reward.deadline.getTime() },
              (outcomes.get(`${reward.tenant_id}/${reward.decision_id}`) ?? []).map((event) => ({
                id: event.id,
                occurredAt: event.occurred_at.getTime(),
                receivedAt: event.received_at.getTime(),
                name: event.name,
                value: event.value,
              })),
            ),
          })),
        );
        return due.length;
      });
    },
  };
}
