import { type Database, writeAudit } from '@rlaas/database';
import {
  type DeadLetter,
  type DeadLetterQuery,
  type EventResult,
  type IngestCounts,
  type ReplayAnswer,
  type ReplayBody,
  pageOf,
} from '@rlaas/schemas';
import type { Imports } from '../imports/imports.ts';
import { countsOf } from '../ingest/counts.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { type ReplayableLetter, findReplayable, listLetters, markReplayed } from '../store/kept-letters.ts';

/** Rejected events: looked at, and taken up again once what was wrong is mended. */
export interface DeadLetters {
  /** @param before id behind which the page begins */
  list(
    tenantId: string,
    query: DeadLetterQuery,
    before: string | undefined,
  ): Promise<{ items: DeadLetter[]; next_cursor: string | null }>;
  /** Checks and stores them as if they came now, by the right that they came with. */
  replay(tenantId: string, body: ReplayBody, actor: string): Promise<ReplayAnswer>;
}

export function createDeadLetters(options: {
  database: Database;
  ingest: Ingest;
  imports: Imports;
  now: () => number;
  onReplayed: (counts: IngestCounts) => void;
}): DeadLetters {
  const { database, ingest, imports, now, onReplayed } = options;

  /** Letters that came by the same right and for the same import go together. */
  async function replayGroup(
    tenantId: string,
    letters: readonly ReplayableLetter[],
    dryRun: boolean,
  ): Promise<EventResult[]> {
    const [first] = letters;
    if (!first) return [];
    const { origin, importId } = first;
    const base = importId === null ? undefined : await imports.base(tenantId, importId);
    if (importId !== null && (base === undefined || base.complete)) {
      return letters.map(({ eventId }, index) => ({
        index,
        id: eventId,
        status: 'rejected',
        code: 'not_allowed',
        path: '',
        message: 'the import that it belongs to is complete',
      }));
    }
    const batch = {
      tenantId,
      origin,
      events: letters.map((letter) => letter.event),
      mode: 'partial' as const,
      importing: base && importId !== null ? { id: importId, idBase: base.idBase } : undefined,
      subjectsHashed: true,
      listAll: true,
    };
    return (await (dryRun ? ingest.validate(batch) : ingest.take(batch))).results;
  }

  return {
    async list(tenantId, query, before) {
      const rows = await database.transaction(
        { role: 'rlaas_api', tenants: [tenantId], readOnly: true },
        (tx) => listLetters(tx, tenantId, query, { before, limit: query.limit }),
      );
      return pageOf(rows, query.limit, (letter) => letter.id);
    },
    async replay(tenantId, body, actor) {
      const { letters, total } = await database.transaction(
        { role: 'rlaas_worker', tenants: [tenantId], readOnly: true },
        (tx) => findReplayable(tx, tenantId, body),
      );
      const results: ReplayAnswer['results'] = [];
      for (const { id, eventId, code, path, message } of letters.filter(
        (letter) => letter.event === undefined,
      )) {
        results.push({
          dead_letter_id: id,
          event_id: eventId,
          status: 'rejected',
          code,
          path,
          message: `${message}; it cannot be read, so it cannot be replayed`,
        });
      }
      const readable = letters.filter((letter) => letter.event !== undefined);
      for (const group of Map.groupBy(readable, (one) => `${one.origin} ${one.importId ?? ''}`).values()) {
        for (const { index, id, ...end } of await replayGroup(tenantId, group, body.dry_run)) {
          results.push({ dead_letter_id: group[index]?.id ?? '', event_id: id, ...end });
        }
      }
      const counts = countsOf(results);
      if (!body.dry_run) {
        const done = results
          .filter(({ status }) => status === 'accepted' || status === 'duplicate')
          .map((result) => result.dead_letter_id);
        const at = now();
        await database.transaction(
          { role: 'rlaas_worker', tenants: [tenantId], idempotent: true },
          async (tx) => {
            await markReplayed(tx, tenantId, done, new Date(at));
            await writeAudit(
              tx,
              { tenantId, actor, action: 'dead_letters.replay', object: tenantId, details: { counts } },
              at,
            );
          },
        );
        onReplayed(counts);
      }
      return { dry_run: body.dry_run, counts, remaining: total - letters.length, results };
    },
  };
}
