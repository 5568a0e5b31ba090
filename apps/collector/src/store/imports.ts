import type { Transaction } from '@rlaas/database';
import type { Import } from '@rlaas/schemas';

interface Row {
  id: string;
  source: string;
  digest: string;
  id_base: string;
  created_at: Date;
  completed_at: Date | null;
  events: number;
}

const COLUMNS = `i.id, i.source, i.digest, i.id_base, i.created_at, i.completed_at,
  (select count(*)::int from rlaas.events e where e.tenant_id = i.tenant_id and e.import_id = i.id) as events`;

/** Begins an import, unless there is one of the same digest: then that one is meant. */
export async function beginImport(
  tx: Transaction,
  tenantId: string,
  fresh: { id: string; idBase: string; source: string; digest: string },
  now: Date,
): Promise<Import> {
  await tx.query(
    `insert into rlaas.imports (tenant_id, id, source, digest, id_base, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, digest) do nothing`,
    [tenantId, fresh.id, fresh.source, fresh.digest, fresh.idBase, now],
  );
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.imports i where i.tenant_id = $1 and i.digest = $2`,
    [tenantId, fresh.digest],
  );
  const [row] = rows;
  if (!row) throw new Error('an import that was just made is not there');
  return toImport(row);
}

export async function findImport(tx: Transaction, tenantId: string, id: string): Promise<Import | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.imports i where i.tenant_id = $1 and i.id = $2`,
    [tenantId, id],
  );
  return rows[0] && toImport(rows[0]);
}

/** What taking events of an import wants to know of it: without counting its events. */
export async function findImportBase(
  tx: Transaction,
  tenantId: string,
  id: string,
): Promise<{ idBase: string; complete: boolean } | undefined> {
  const { rows } = await tx.query<{ id_base: string; complete: boolean }>(
    `select id_base, completed_at is not null as complete from rlaas.imports where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return rows[0] && { idBase: rows[0].id_base, complete: rows[0].complete };
}

/** Ends an import; one that has ended stays as it was. @returns whether it was open */
export async function completeImport(
  tx: Transaction,
  tenantId: string,
  id: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update rlaas.imports set completed_at = $3 where tenant_id = $1 and id = $2 and completed_at is null',
    [tenantId, id, now],
  );
  return rowCount === 1;
}

function toImport(row: Row): Import {
  return {
    import_id: row.id,
    id_base: row.id_base,
    source: row.source,
    digest: row.digest,
    status: row.completed_at === null ? 'open' : 'complete',
    created_at: row.created_at.toISOString(),
    completed_at: row.completed_at?.toISOString() ?? null,
    events: row.events,
  };
}
