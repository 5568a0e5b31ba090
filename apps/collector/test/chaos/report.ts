import { type SentRequest, endsOf } from './history/history.ts';
import { type Violation, violationKinds } from './history/violation.ts';
import type { ScenarioOutcome } from './run-scenario.ts';

const SHOWN = 20;
const SHOWN_REQUESTS = 30;
const SHOWN_LOG = 10;
const SHOWN_DATA = 100;
const SHOWN_WHAT = 2_000;

/** A line for each scenario, with columns that stand under each other. */
export function outcomeTable(outcomes: readonly ScenarioOutcome[]): string {
  const head = [
    'scenario',
    'faults',
    'requests',
    'events',
    'accepted',
    'duplicate',
    'rejected',
    'retry',
    'unanswered',
    'unsent',
    'stored',
    'dead letters',
    'violations',
  ];
  const rows = outcomes.map((outcome) => {
    if ('skipped' in outcome) return [outcome.name, `skipped: ${outcome.skipped}`];
    const { name, faults, requests, events, told, stored, letters, violations } = outcome;
    const { accepted, duplicate, rejected, retry, unanswered, unsent } = told;
    return [
      name,
      ...[faults, requests, events, accepted, duplicate, rejected, retry, unanswered, unsent, stored].map(
        String,
      ),
      letters === undefined ? '-' : String(letters),
      String(violations.length),
    ];
  });
  const widths = head.map((title, column) =>
    Math.max(
      title.length,
      ...rows.filter((row) => row.length === head.length).map((row) => row[column]?.length ?? 0),
    ),
  );
  return [head, widths.map((width) => '-'.repeat(width)), ...rows]
    .map((cells) =>
      cells
        .map((cell, column) =>
          column === 0 || cells.length < head.length
            ? cell.padEnd(widths[column] ?? 0)
            : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Each violation of a scenario with the history of its event, and the last lines of the collector. */
export function violationsText(outcome: ScenarioOutcome): string {
  if ('skipped' in outcome || outcome.violations.length === 0) return '';
  const { name, violations, log } = outcome;
  const kinds = [...Map.groupBy(violations, ({ kind }) => kind)];
  return [
    `${name}: ${violations.length} violations`,
    ...kinds.map(([kind, all]) => `  ${all.length} × ${kind}: ${violationKinds[kind]}`),
    ...violations.slice(0, SHOWN).map(violationText),
    ...(violations.length > SHOWN ? [`… and ${violations.length - SHOWN} more`] : []),
    ...(log.length > 0 ? ['last lines of the collector:', ...log.slice(-SHOWN_LOG)] : []),
  ].join('\n');
}

function violationText({ kind, what, id, requests }: Violation): string {
  const all = requests.slice(0, SHOWN_REQUESTS).map((request) => requestText(request, id));
  const more = requests.length - SHOWN_REQUESTS;
  return [
    `- ${kind}${id === undefined ? '' : ` ${id}`}: ${what.slice(0, SHOWN_WHAT)}`,
    ...all,
    ...(more > 0 ? [`    … and ${more} requests more`] : []),
  ].join('\n');
}

function requestText(request: SentRequest, id: string | undefined): string {
  const { number, client, startedAt, endedAt, events, answer } = request;
  const told =
    answer.kind === 'unanswered' ? answer.reason : 'status' in answer ? answer.status : answer.kind;
  const ends = endsOf(request);
  const about = events.flatMap((event, index) => {
    if (event.id !== id) return [];
    const { status, code } = ends[index] ?? { status: 'unanswered' };
    return [
      `      place ${index}, event ${event.number}: ${status}${code === undefined ? '' : ` (${code})`} ${dataText(event.content['data'])}`,
    ];
  });
  const by = client < 0 ? 'the last round' : `client ${client}`;
  const line = `    request ${number} of ${by}, ${startedAt.toFixed(0)}–${endedAt.toFixed(0)} ms, ${events.length} events: ${told}`;
  return [line, ...about].join('\n');
}

function dataText(data: unknown): string {
  const text = JSON.stringify(data);
  return text.length > SHOWN_DATA ? `${text.slice(0, SHOWN_DATA)}…` : text;
}
