import { table } from '../table.ts';
import type { FileReport } from './import-file.ts';
import type { Refusal } from './refusals.ts';

/** What became of the files, for people. */
export function showReport(reports: readonly FileReport[]): string {
  return table(
    ['file', 'rows', 'stored', 'there before', 'refused', 'not sent', 'import'],
    reports.map((report) => [
      report.name,
      String(report.rows),
      String(report.stored),
      report.state === 'complete_before' ? '-' : String(report.known),
      String(report.refused),
      String(report.unsent),
      stateOf(report),
    ]),
  );
}

/** The first rows that were refused, a line each. */
export function showRefusals(first: readonly Refusal[], total: number): string[] {
  const lines = first.map(({ file, line, reason }) => `  ${file}:${line}: ${reason}`);
  const more = total - first.length;
  return more > 0 ? [...lines, `  and ${more} more; --rejects FILE writes all of them`] : lines;
}

function stateOf({ state, importId }: FileReport): string {
  const said = {
    checked: 'only checked',
    complete: 'complete',
    complete_before: 'was complete',
    stopped: 'stopped',
    nothing_stored: 'not completed',
  }[state];
  return importId === undefined ? said : `${said}, ${importId}`;
}
