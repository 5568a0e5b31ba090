import type { ExplainedReward, RewardComponents } from '@rlaas/schemas';
import type { CompiledSpecification } from '../specifications/compile.ts';
import type { RewardRow } from '../store/reward-rows.ts';

/** What a summary is made of. */
interface Summarised {
  row: RewardRow;
  soFar: { value: number | null; components: RewardComponents } | undefined;
  compiled: CompiledSpecification | undefined;
  components: RewardComponents | null;
  terms: ExplainedReward['terms'];
}

/** Why a reward is what it is, in sentences that need nothing else. */
export function summarise(given: Summarised): string[] {
  const { row, soFar, components } = given;
  const by = `by version ${row.specVersion} of the reward specification of ${row.policy}`;
  if (row.status === 'pending') return [...pendingLines(row), ...soFarLines(given)];
  const lines = [firstLine(row, by)];
  if (components) lines.push(...reasonLines(given, components));
  if (row.recomputed)
    lines.push('It was made later than the decision’s first reward: nothing is learned from it.');
  return soFar ? [...lines, ...soFarLines(given)] : lines;
}

function firstLine({ status, value }: RewardRow, by: string): string {
  if (status === 'final') return `The reward is ${shown(value)}, made of events ${by}.`;
  if (status === 'defaulted') return `The reward is ${shown(value)}, the declared default, ${by}.`;
  if (status === 'error') return `There is no reward: an expression failed for this decision, ${by}.`;
  return `There is no reward ${by}, and nothing is learned from the decision.`;
}

function pendingLines({ deadline }: RewardRow): string[] {
  if (!Number.isFinite(deadline)) return ['The reward waits for its import to be completed.'];
  return [
    `The reward waits for events until ${new Date(deadline).toISOString()}; every decision waits the same time.`,
  ];
}

function soFarLines(given: Summarised): string[] {
  const { soFar, row } = given;
  if (!soFar) return [];
  const now =
    soFar.value === null
      ? 'By what is known now there would be none.'
      : `By what is known now it would be ${shown(soFar.value)}.`;
  const shownEarly =
    row.provisionalValue === null
      ? []
      : [`It is complete by early_when, and shown as ${shown(row.provisionalValue)} meanwhile.`];
  return [now, ...reasonLines(given, soFar.components), ...shownEarly];
}

function reasonLines({ compiled, row, terms }: Summarised, components: RewardComponents): string[] {
  const lines: string[] = [];
  const definition = compiled?.definition;
  if (components.superseded_by !== undefined)
    lines.push(`The decision ${components.superseded_by} took its place.`);
  if (row.reason === 'not_activated')
    lines.push('It was deferred, and no activation inside the window said that it was used.');
  if (components.error) lines.push(errorLine(components.error));
  if (components.by === 'value' && terms.length > 0) {
    const sum = components.unclipped ?? terms.reduce((total, term) => total + term.value, 0);
    lines.push(
      `${terms.map(({ text, value }) => `${text} = ${shown(value)}`).join('; ')}; together ${shown(sum)}.`,
    );
  }
  if (components.by === 'default') {
    const when = definition?.default?.when;
    lines.push(
      when === undefined ? 'No event counted.' : `The default applies, since this is true: ${oneLine(when)}`,
    );
  }
  if (components.by === 'override' && components.override !== undefined) {
    const override = definition?.overrides?.[components.override];
    lines.push(
      `The override ${components.override + 1} stands above the expression${override ? `, since this is true: ${oneLine(override.when)}` : ''}.`,
    );
  }
  if (
    components.by === 'nothing' &&
    components.error === undefined &&
    components.superseded_by === undefined &&
    row.reason !== 'not_activated'
  ) {
    const without = definition?.default ? 'and the default does not apply' : 'and there is no default';
    lines.push(`No event counted, ${without}.`);
  }
  if (components.unclipped !== undefined && definition) {
    lines.push(
      `${shown(components.unclipped)} is outside the range from ${definition.range[0]} to ${definition.range[1]}, so it was clipped.`,
    );
  }
  if (components.credit) {
    const { weight, alone, whole } = components.credit;
    lines.push(
      `Without what is said of the episode it would be ${shown(alone)}, with all of it ${shown(whole)}; a share of ${shown(weight)} of the difference reaches this decision (credit: ${definition?.credit ?? 'unknown'}).`,
    );
  }
  for (const [name, kind] of Object.entries(components.grader_errors ?? {})) {
    lines.push(`The grader e.${name} has no value: ${kind}.`);
  }
  const counted = new Set(Object.values(components.inputs).flatMap(({ events }) => events)).size;
  lines.push(
    `${counted === 1 ? '1 event' : `${counted} events`} counted, ${components.ignored.length} did not; \`events\` says why.`,
  );
  return lines;
}

function errorLine({ kind, where, message, line, column }: NonNullable<RewardComponents['error']>): string {
  const place = line === undefined ? '' : `, line ${line}${column === undefined ? '' : `, column ${column}`}`;
  return `${where === '' ? 'The specification' : where}${place}: ${message} (${kind}).`;
}

function oneLine(expression: string): string {
  return expression.replaceAll(/\s+/g, ' ').trim();
}

function shown(value: number | null): string {
  return value === null ? 'none' : String(Number(value.toPrecision(12)));
}
