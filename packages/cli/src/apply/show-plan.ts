import type { Difference } from '@rlaas/schemas';
import type { PlanItem, PolicyPlan } from './plan.ts';
import type { Step } from './policy-server.ts';

const SIGNS: Record<PlanItem['action'], string> = {
  create: '+',
  change: '~',
  unchanged: '=',
  drift: '!',
  conflict: '!',
  not_in_file: '?',
};
const MOST_SHOWN = 40;
const WIDEST = 100;

/** A plan for a person: a line for each thing, its differences below it. */
export function showPlan(plan: PolicyPlan, path: string): string {
  return [
    `policy ${plan.policy} (${path})`,
    ...plan.items.flatMap(showItem),
    ...plan.notes.map((note) => `  note: ${note}`),
  ].join('\n');
}

/** What a step did, for the list of what is done. */
export function showStep(step: Step): string {
  if (step.kind === 'reward') return `reward of ${step.policy}: version ${step.expected + 1}`;
  if (step.kind === 'policy') {
    return `policy ${step.policy}: ${step.etag === undefined ? 'made' : 'changed'}`;
  }
  if (step.kind === 'version') return `version ${step.version} of ${step.policy}: made, a draft`;
  return `version ${step.version} of ${step.policy}: in shadow`;
}

function showItem({ what, name, action, differences, detail }: PlanItem): string[] {
  const title = what === 'version' ? `version ${name}` : what === 'policy' ? 'configuration' : 'reward';
  const shown = differences.slice(0, MOST_SHOWN).map(showDifference);
  const more = differences.length - shown.length;
  return [
    `  ${SIGNS[action]} ${title}: ${action.replaceAll('_', ' ')}${detail === undefined ? '' : ` (${detail})`}`,
    ...shown,
    ...(more > 0 ? [`      and ${more} more`] : []),
  ];
}

function showDifference(difference: Difference): string {
  // Escaped: names of features may hold anything, also what a terminal would obey.
  const path = JSON.stringify(difference.path).slice(1, -1);
  if (!('before' in difference)) return `      + ${path}: ${showValue(difference.after)}`;
  if (!('after' in difference)) return `      - ${path}: ${showValue(difference.before)}`;
  return `      ~ ${path}: ${showValue(difference.before)} → ${showValue(difference.after)}`;
}

function showValue(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > WIDEST ? `${text.slice(0, WIDEST)}…` : text;
}
