import { MEMORY_LIMIT, type AttackOutcome, type HostileReport } from './run-hostile.ts';

const SHOWN = 5;
const mib = (bytes: number | undefined): string =>
  bytes === undefined ? '-' : (bytes / 1_048_576).toFixed(0);

export function isWell({ attacks, wrong }: HostileReport): boolean {
  return wrong.length === 0 && attacks.every((attack) => attack.wrong.length === 0);
}

/** A line for each attack, and what was wrong below. */
export function reportText(report: HostileReport): string {
  const { attacks, idleBytes, freshBytes, good, stored, wrong, log } = report;
  const head = ['attack', 'requests', 'peak MiB', 'seconds', 'ok', 'ended'];
  const rows = attacks.map((attack) => [
    attack.name,
    String(attack.requests),
    mib(attack.peakBytes),
    attack.seconds.toFixed(1),
    attack.wrong.length === 0 ? 'yes' : 'NO',
    endingsText(attack),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const table = [head, widths.map((width) => '-'.repeat(width)), ...rows].map((cells) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === cells.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [
    ...table,
    `memory: ${mib(freshBytes)} MiB when started, ${mib(idleBytes)} MiB when idle after ordinary traffic; above the latter at most ${mib(MEMORY_LIMIT)} MiB`,
    `the good client: ${good.requests} requests, p50 ${good.p50.toFixed(1)} ms, p99 ${good.p99.toFixed(1)} ms, max ${good.max.toFixed(1)} ms`,
    `stored as told: ${stored} events`,
    ...attacks.flatMap(({ name, wrong: mistakes }) => listed(name, mistakes)),
    ...listed('the run', wrong),
    ...(isWell(report) || log.length === 0
      ? []
      : ['last lines of the collector:', ...log.map((line) => line.slice(0, 500))]),
  ].join('\n');
}

function endingsText({ endings }: AttackOutcome): string {
  return [...endings]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([ending, times]) => `${ending}×${times}`)
    .join(' ');
}

function listed(name: string, mistakes: readonly string[]): string[] {
  const more = mistakes.length - SHOWN;
  return [
    ...mistakes.slice(0, SHOWN).map((mistake) => `WRONG: ${name}: ${mistake}`),
    ...(more > 0 ? [`WRONG: ${name}: and ${more} more`] : []),
  ];
}
