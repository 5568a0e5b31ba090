import {
  type Difference,
  MOST_SHADOWS,
  type PolicyFile,
  type PolicyFileVersion,
  type PolicyVersion,
  differencesBetween,
  undeclaredActions,
} from '@rlaas/schemas';
import type { PolicyState, Step } from './policy-server.ts';

/** What is planned for a policy's configuration, its reward or one of its versions. */
export interface PlanItem {
  what: 'policy' | 'reward' | 'version';
  /** Name of the version, or of the policy. */
  name: string;
  /**
   * `drift`: it was changed through the API and differs from the file. `conflict`: it can never become what the file
   * says. `not_in_file`: the installation has it and the file has not; it stays.
   */
  action: 'create' | 'change' | 'unchanged' | 'drift' | 'conflict' | 'not_in_file';
  differences: Difference[];
  /** What a person should know of it. */
  detail?: string;
  steps: Step[];
}

/** What has to be done so that an installation has what a file says; made of both alone. */
export interface PolicyPlan {
  policy: string;
  items: PlanItem[];
  notes: string[];
}

/** @param overwrite whether what was changed through the API is to become what the file says */
export function planPolicy(file: PolicyFile, state: PolicyState, overwrite: boolean): PolicyPlan {
  const versions = file.versions.map((version) => planVersion(file, version, state));
  const named = new Set(file.versions.map((version) => version.name));
  const others = state.versions.filter((version) => !named.has(version.name));
  return {
    policy: file.policy,
    // The reward first: a decision that is made before it has one gets none for ever.
    items: [
      ...planReward(file, state, overwrite),
      planConfiguration(file, state, overwrite),
      ...limitShadows(versions, state),
      ...others.map((version) => notInFile('version', version.name, version.status)),
    ],
    notes: notesOf(file, state),
  };
}

/** All changes of a plan, in their order. */
export function stepsOf(plan: PolicyPlan): Step[] {
  return plan.items.flatMap((item) => item.steps);
}

/** What keeps a plan from being carried out. */
export function blockersOf(plan: PolicyPlan): PlanItem[] {
  return plan.items.filter((item) => item.action === 'drift' || item.action === 'conflict');
}

function planReward(file: PolicyFile, state: PolicyState, overwrite: boolean): PlanItem[] {
  const { policy, reward: definition } = file;
  const stored = state.reward;
  if (!definition) return stored ? [notInFile('reward', policy, `version ${stored.version}`)] : [];
  const step: Step = { kind: 'reward', policy, definition, expected: stored?.version ?? 0 };
  const item = { what: 'reward' as const, name: policy };
  if (!stored) return [{ ...item, action: 'create', differences: [], steps: [step] }];
  const differences = differencesBetween(stored.definition, definition);
  if (differences.length === 0) return [{ ...item, action: 'unchanged', differences, steps: [] }];
  if (stored.source === 'api' && !overwrite) return [drift({ ...item, differences }, stored.created_at)];
  const detail = `it becomes version ${stored.version + 1}; decisions so far keep version ${stored.version}`;
  return [{ ...item, action: 'change', differences, detail, steps: [step] }];
}

function planConfiguration(file: PolicyFile, state: PolicyState, overwrite: boolean): PlanItem {
  const { policy, configuration } = file;
  const item = { what: 'policy' as const, name: policy };
  const step: Step = { kind: 'policy', policy, configuration, etag: state.policy?.etag };
  if (!state.policy) return { ...item, action: 'create', differences: [], steps: [step] };
  const stored = state.policy.value;
  const differences = differencesBetween(stored.configuration, configuration);
  if (differences.length === 0) return { ...item, action: 'unchanged', differences, steps: [] };
  const needing = state.versions.find(
    (version) => !isDone(version) && undeclaredActions(version.configuration, configuration).length > 0,
  );
  if (needing) {
    const gone = undeclaredActions(needing.configuration, configuration).join(', ');
    const detail = `version ${needing.name} gives probabilities to ${gone}; keep these actions, or retire the version first`;
    return { ...item, action: 'conflict', differences, detail, steps: [] };
  }
  if (stored.source === 'api' && !overwrite) return drift({ ...item, differences }, stored.updated_at);
  return { ...item, action: 'change', differences, steps: [step] };
}

function planVersion(file: PolicyFile, wanted: PolicyFileVersion, state: PolicyState): PlanItem {
  const { policy } = file;
  const item = { what: 'version' as const, name: wanted.name };
  const stored = state.versions.find((version) => version.name === wanted.name);
  const shadow: Step[] = wanted.shadow ? [{ kind: 'shadow', policy, version: wanted.name }] : [];
  if (!stored) {
    const { name: version, configuration } = wanted;
    return {
      ...item,
      action: 'create',
      differences: [],
      detail: wanted.shadow ? 'draft, then into shadow' : 'draft',
      steps: [{ kind: 'version', policy, version, configuration }, ...shadow],
    };
  }
  const differences = differencesBetween(stored.configuration, wanted.configuration);
  if (differences.length > 0) {
    const detail = 'a version never changes; give the new configuration another name';
    return { ...item, action: 'conflict', differences, detail, steps: [] };
  }
  if (wanted.shadow && stored.status === 'draft') {
    return { ...item, action: 'change', differences, detail: 'draft, into shadow', steps: shadow };
  }
  const ended = wanted.shadow && isDone(stored) ? '; "shadow: true" says nothing any more' : '';
  return { ...item, action: 'unchanged', differences, detail: `${stored.status}${ended}`, steps: [] };
}

/** Each version in shadow scores every decision; those that would be too many are conflicts. */
function limitShadows(items: readonly PlanItem[], state: PolicyState): PlanItem[] {
  const there = state.versions.filter((version) => version.status === 'shadow').map(({ name }) => name);
  let room = MOST_SHADOWS - there.length;
  return items.map((item) => {
    if (!item.steps.some((step) => step.kind === 'shadow')) return item;
    room -= 1;
    if (room >= 0) return item;
    const full = there.length > 0 ? ` (${there.join(', ')} now)` : '';
    const detail = `at most ${MOST_SHADOWS} versions may be in shadow${full}; retire one, or leave "shadow: true" out`;
    return Object.assign({}, item, { action: 'conflict', detail, steps: [] });
  });
}

function notesOf(file: PolicyFile, state: PolicyState): string[] {
  const notes: string[] = [];
  if (!file.reward && !state.reward)
    notes.push('there is no reward: nothing can be learned from its decisions');
  if (file.configuration.baseline_exploration === 0) {
    notes.push(
      'baseline_exploration is 0: while no version is active nothing that is logged can be evaluated off-policy',
    );
  }
  for (const { name, configuration } of file.versions) {
    const stored = state.versions.find((version) => version.name === name);
    if (configuration.minimum_probability === 0 && !(stored && isDone(stored))) {
      notes.push(`minimum_probability of ${name} is 0: its decisions cannot be evaluated off-policy`);
    }
  }
  return notes;
}

function isDone({ status }: PolicyVersion): boolean {
  return status === 'retired' || status === 'rolled_back';
}

function notInFile(what: PlanItem['what'], name: string, detail: string): PlanItem {
  return { what, name, action: 'not_in_file', differences: [], detail, steps: [] };
}

function drift(item: Pick<PlanItem, 'what' | 'name' | 'differences'>, at: string): PlanItem {
  const detail = `it was changed through the API ${at}; take the change into the file, or say --overwrite`;
  return { ...item, action: 'drift', detail, steps: [] };
}
