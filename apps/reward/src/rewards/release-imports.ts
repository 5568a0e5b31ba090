import { findDecisions } from '../store/decisions.ts';
import { lockImported, storeDeadlines } from '../store/pending-rewards.ts';
import { windowOf } from '../specifications/specification-cache.ts';
import { ownDeadline } from './own-deadline.ts';
import { type WorkerContext, findSpecifications } from './worker-context.ts';

const BATCH = 500;

/** Gives decisions of imports that were completed their deadlines. @returns how many */
export async function releaseImports(context: WorkerContext, tenants: readonly string[]): Promise<number> {
  return context.database.transaction({ role: 'rlaas_worker', tenants }, async (tx) => {
    const imported = await lockImported(tx, BATCH);
    if (imported.length === 0) return 0;
    const rows = new Map(
      (
        await findDecisions(
          tx,
          imported.map(({ tenantId, decisionId }) => ({ tenantId, id: decisionId })),
        )
      ).map((row) => [`${row.tenantId}/${row.id}`, row]),
    );
    const used = await findSpecifications(
      context,
      tx,
      imported.map((reward) => ({ ...reward, version: reward.specVersion })),
    );
    await storeDeadlines(
      tx,
      imported.flatMap((reward) => {
        const row = rows.get(`${reward.tenantId}/${reward.decisionId}`);
        if (!row) return [];
        const specification = used({ ...reward, version: reward.specVersion });
        return [{ reward, ...ownDeadline(windowOf(specification), row, []) }];
      }),
    );
    return imported.length;
  });
}
