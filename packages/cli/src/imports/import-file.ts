import type { Import } from '@rlaas/schemas';
import { CommandError, EXIT } from '../exit-codes.ts';
import type { ImportServer, SentEvent } from './import-server.ts';
import { type ProgressOptions, createProgress } from './progress.ts';
import type { Refusals } from './refusals.ts';
import { rowId } from './row-id.ts';
import type { ImportEnvelope } from './row-mapper.ts';
import { type MappedSourceRow, sendRows } from './send-rows.ts';
import { type SourceFile, type SourceFormat, digestOf, readRows } from './source-file.ts';

/** How a file came in; rows add up. */
export interface FileReport {
  name: string;
  state: 'checked' | 'complete' | 'complete_before' | 'stopped' | 'nothing_stored';
  importId: string | undefined;
  rows: number;
  stored: number;
  /** Rows all of whose events were stored by an earlier run. */
  known: number;
  refused: number;
  unsent: number;
}

export interface ImportFileOptions extends Omit<ProgressOptions, 'label'> {
  format: SourceFormat;
  server: ImportServer;
  refusals: Refusals;
  /** Breaks it off; what was stored stays. */
  signal: AbortSignal;
  /** Sends nothing. */
  dryRun: boolean;
}

const SOURCE_LENGTH = 200;
const EVENT_SOURCE_LENGTH = 100;
/** Stands for the import while rows are only looked at. */
const NOBODY = '00000000-0000-7000-8000-000000000000';

/**
 * Brings a file in: looks at all rows first, so that a file that is wrong as a whole leaves nothing behind, then sends
 * those that are good, and completes the import.
 * @throws CommandError when the file cannot be read, changes under the reading, or the installation refuses
 */
export async function importFile(file: SourceFile, options: ImportFileOptions): Promise<FileReport> {
  const report = await check(file, options);
  const good = report.rows - report.refused;
  if (options.signal.aborted) return { ...report, state: 'stopped', unsent: good };
  if (options.dryRun) return report;
  if (good === 0) return { ...report, state: 'nothing_stored' };
  const begun = await options.server.begin(file.name.slice(0, SOURCE_LENGTH), file.digest);
  if (begun.status === 'complete') {
    return { ...report, state: 'complete_before', importId: begun.import_id };
  }
  await send(file, begun, report, options);
  report.importId = begun.import_id;
  report.unsent = good - report.stored - report.known - (report.refused - (report.rows - good));
  if (report.unsent > 0) return { ...report, state: 'stopped' };
  if (report.stored + report.known === 0) return { ...report, state: 'nothing_stored' };
  if ((await digestOf(file.path)) !== file.digest) {
    throw new CommandError(
      EXIT.failed,
      `${file.path} changed while it was read. Its import ${begun.import_id} was not completed.`,
    );
  }
  await options.server.complete(begun.import_id);
  return { ...report, state: 'complete' };
}

/** Reads all rows, and notes those that cannot be sent. */
async function check(file: SourceFile, options: ImportFileOptions): Promise<FileReport> {
  const { format, refusals, signal } = options;
  const counts = { rows: 0, stored: 0, known: 0, refused: 0, unsent: 0 };
  const progress = createProgress({ ...options, label: `checking ${file.name}` });
  const envelope = envelopeOf({ import_id: NOBODY, id_base: NOBODY, source: file.name });
  for await (const row of readRows(file, format.rows, { signal, onShare: progress.at })) {
    counts.rows += 1;
    const mapped = row.readable ? format.map(row, envelope) : { ok: false as const, reason: row.reason };
    if (!mapped.ok) {
      counts.refused += 1;
      await refusals.add({ file: file.name, line: row.line, reason: mapped.reason, row: row.values });
    }
  }
  progress.end();
  return { name: file.name, state: 'checked', importId: undefined, ...counts };
}

/** Sends what is good; those that were refused before are passed over. */
async function send(
  file: SourceFile,
  begun: Import,
  report: FileReport,
  options: ImportFileOptions,
): Promise<void> {
  const { server, refusals } = options;
  const good = report.rows - report.refused;
  const progress = createProgress({ ...options, label: `sending  ${file.name}` });
  let settled = 0;
  await sendRows(goodRows(file, envelopeOf(begun), options), {
    send: (events) => server.send(begun.import_id, events),
    async settle(row, sent) {
      const rejected = sent.find((event) => event.status === 'rejected');
      if (rejected) {
        report.refused += 1;
        const reason = [`${rejected.code ?? 'rejected'}:`, rejected.path, rejected.message];
        await refusals.add({
          file: file.name,
          line: row.line,
          reason: reason.filter((part) => part !== '').join(' '),
          row: row.values,
        });
      } else if (is('unsent', sent)) return;
      else if (is('accepted', sent)) report.stored += 1;
      else report.known += 1;
      settled += 1;
      progress.at(settled / good);
    },
  });
  progress.end();
}

function is(status: SentEvent['status'], sent: readonly SentEvent[]): boolean {
  return sent.some((event) => event.status === status);
}

async function* goodRows(
  file: SourceFile,
  envelope: ImportEnvelope,
  { format, signal }: ImportFileOptions,
): AsyncGenerator<MappedSourceRow> {
  for await (const row of readRows(file, format.rows, { signal })) {
    const mapped = row.readable ? format.map(row, envelope) : undefined;
    if (mapped?.ok) yield { line: row.line, values: row.values, events: mapped.events };
  }
}

/** By the source that the import began with: a file that was renamed since gives the same events. */
function envelopeOf(begun: Pick<Import, 'import_id' | 'id_base' | 'source'>): ImportEnvelope {
  return {
    source: begun.source.slice(0, EVENT_SOURCE_LENGTH),
    idOf: (rowKey) => rowId(begun.id_base, begun.import_id, rowKey),
  };
}
