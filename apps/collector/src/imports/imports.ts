import { type Database, newId, writeAudit } from '@rlaas/database';
import type { CreateImport, Import } from '@rlaas/schemas';
import { beginImport, completeImport, findImport, findImportBase } from '../store/imports.ts';

/** Histories that enter from elsewhere. */
export interface Imports {
  begin(tenantId: string, asked: CreateImport, actor: string): Promise<Import>;
  find(tenantId: string, id: string): Promise<Import | undefined>;
  /** Ends it: its decisions get their deadlines. @returns `undefined` when there is none */
  complete(tenantId: string, id: string, actor: string): Promise<Import | undefined>;
  /** For taking its events. */
  base(tenantId: string, id: string): Promise<{ idBase: string; complete: boolean } | undefined>;
}

export function createImports(database: Database, now: () => number): Imports {
  const api = (tenantId: string) => ({ role: 'rlaas_api' as const, tenants: [tenantId], readOnly: true });
  const worker = (tenantId: string) => ({
    role: 'rlaas_worker' as const,
    tenants: [tenantId],
    idempotent: true,
  });

  return {
    begin(tenantId, asked, actor) {
      const at = now();
      const id = newId(at);
      return database.transaction(worker(tenantId), async (tx) => {
        const found = await beginImport(tx, tenantId, { id, idBase: newId(at), ...asked }, new Date(at));
        if (found.import_id === id) {
          await writeAudit(
            tx,
            {
              tenantId,
              actor,
              action: 'import.begin',
              object: id,
              details: { source: asked.source, digest: asked.digest },
            },
            at,
          );
        }
        return found;
      });
    },
    find: (tenantId, id) => database.transaction(api(tenantId), (tx) => findImport(tx, tenantId, id)),
    complete(tenantId, id, actor) {
      const at = now();
      return database.transaction(worker(tenantId), async (tx) => {
        if (await completeImport(tx, tenantId, id, new Date(at))) {
          await writeAudit(tx, { tenantId, actor, action: 'import.complete', object: id, details: {} }, at);
        }
        return findImport(tx, tenantId, id);
      });
    },
    base: (tenantId, id) => database.transaction(api(tenantId), (tx) => findImportBase(tx, tenantId, id)),
  };
}
