import type { GateEvents } from '@rlaas/learning';
import type { RolloutSettings, RolloutStage, TransitionCause } from '@rlaas/schemas';
import { durationText } from './duration-text.ts';

/** All that the next step of a rollout follows from. */
export interface StepSituation {
  readonly stage: Exclude<RolloutStage, 'ended'>;
  readonly share: number;
  readonly settings: RolloutSettings;
  readonly fired: GateEvents;
  /** Since this step began. */
  readonly units: number;
  readonly effectiveUnits: number;
  readonly overlap: number | undefined;
  readonly candidateRewards: number;
  /** Decisions, or episodes, that could not count since the last that did. */
  readonly sinceCounted: number;
  /** How long this stage, or this share, has lasted; and how long it must, without the reward window. */
  readonly stageMs: number;
  readonly dwellMs: number;
  readonly windowMs: number;
  readonly explores: boolean;
  readonly lowersExploration: boolean;
}

/** Where a rollout goes by itself, or what it waits for. */
export type NextStep = { readonly move: Move } | { readonly waitingFor: readonly Missing[] };

export interface Move {
  readonly to: 'canary' | 'active' | 'rolled_back' | 'retired';
  readonly share: number;
  readonly cause: TransitionCause;
  readonly reason: string;
}

interface Missing {
  readonly code: string;
  readonly message: string;
}

/** After so many decisions that do not count, an active version is not watched. */
const UNWATCHED = 1_000;
/** What more units were to show. */
const VERDICTS = new Set(['evidence', 'improvement', 'effective_units', 'overlap', 'no_exploration']);
/** Units that the decisions in shadow must be worth. */
const LEAST_EFFECTIVE = 200;
const LEAST_OVERLAP = 0.95;

/** The next step of a rollout. Pure, and monotone: what has been shown once is never asked again. */
export function nextStep(situation: StepSituation): NextStep {
  const back = rollbackOf(situation);
  if (back) return { move: back };
  if (situation.stage === 'active') return { waitingFor: notWatched(situation) };
  const missing = missingFor(situation);
  if (missing.length > 0) {
    // What only a person, or time, can give is waited for as long as it takes.
    const isInconclusive = missing.some(({ code }) => VERDICTS.has(code));
    if (!isInconclusive || situation.units < situation.settings.max_units) return { waitingFor: missing };
    return {
      move: {
        to: 'retired',
        share: 0,
        cause: 'inconclusive',
        reason: `${situation.units} units without a verdict; it waited for: ${missing.map(({ code }) => code).join(', ')}`,
      },
    };
  }
  const step = stepAfter(situation);
  return { move: { ...step, cause: 'gate', reason: passedBy(situation, step.to) } };
}

/** Where the next step leads, whoever takes it. */
export function stepAfter({ share, settings }: Pick<StepSituation, 'share' | 'settings'>): {
  to: 'canary' | 'active';
  share: number;
} {
  const next = settings.canary_steps.find((step) => step > share);
  return next === undefined ? { to: 'active', share: 1 } : { to: 'canary', share: next };
}

function rollbackOf({ fired, stage }: StepSituation): Move | undefined {
  if (stage === 'shadow') return undefined;
  const back = (cause: TransitionCause, reason: string): Move => ({
    to: 'rolled_back',
    share: 0,
    cause,
    reason,
  });
  const [guardrail] = fired.guardrails;
  // Nothing can be concluded any more, so nobody is decided for any more; what is active has all the traffic anyway.
  if (fired.sampleRatio && stage === 'canary') {
    return back('sample_ratio', 'traffic is not shared as it should be, so nothing can be concluded');
  }
  if (guardrail !== undefined) return back('guardrail', `guardrail ${guardrail} broke`);
  if (fired.rollback) return back('rollback_process', 'it is worse by more than the margin of rollbacks');
  if (fired.change)
    return back('change_detector', 'it has become worse by more than the margin of rollbacks');
  return undefined;
}

/** Why an active version could become worse without being rolled back. */
function notWatched({ fired, sinceCounted }: StepSituation): Missing[] {
  const problems: Missing[] = [];
  if (sinceCounted >= UNWATCHED) {
    problems.push({
      code: 'unwatched',
      message: `none of the last ${sinceCounted} decisions could be compared with what would come back: it is rolled back for failures only`,
    });
  }
  if (fired.leftOut) {
    problems.push({
      code: 'left_out',
      message: 'being left without a reward depends on the action: what rewards say of it may be wrong',
    });
  }
  return problems;
}

function missingFor(situation: StepSituation): Missing[] {
  const { stage, settings, fired, share } = situation;
  const missing: Missing[] = [];
  const need = (holds: boolean, code: string, message: string): void => {
    if (!holds) missing.push({ code, message });
  };
  const { to } = stepAfter(situation);
  need(!fired.sampleRatio, 'sample_ratio', 'traffic is not shared as it should be: nothing can be concluded');
  need(
    !fired.leftOut,
    'left_out',
    'being left without a reward depends on the action: nothing can be concluded',
  );
  if (stage === 'shadow') {
    need(
      situation.explores,
      'no_exploration',
      'what serves does not explore, so nothing is known of other actions; a person can approve',
    );
    need(
      situation.effectiveUnits >= LEAST_EFFECTIVE,
      'effective_units',
      `the decisions are worth ${Math.floor(situation.effectiveUnits)} of ${LEAST_EFFECTIVE} units`,
    );
    const { overlap } = situation;
    need(
      overlap !== undefined && overlap >= LEAST_OVERLAP,
      'overlap',
      overlap === undefined
        ? `no decision could be compared yet; one counts when its window of ${durationText(situation.windowMs)} has passed`
        : `${(overlap * 100).toFixed(1)} % of what it would do is played often enough; it takes ${LEAST_OVERLAP * 100} %`,
    );
  } else {
    need(
      situation.candidateRewards >= settings.least_rewards,
      'rewards',
      `${situation.candidateRewards} of ${settings.least_rewards} rewards have closed at a share of ${share}`,
    );
  }
  const dwellMs = stage === 'shadow' ? situation.dwellMs : Math.max(situation.dwellMs, situation.windowMs);
  need(
    situation.stageMs >= dwellMs,
    'dwell',
    `it stays for ${durationText(dwellMs)} at least, ${durationText(dwellMs - situation.stageMs)} more`,
  );
  need(fired.promote, 'evidence', 'it is not shown yet that it is not worse by the margin');
  if (to === 'active') {
    need(
      fired.improve || settings.promote === 'non_inferior',
      'improvement',
      'it is not shown yet that it is better',
    );
    need(
      !situation.lowersExploration,
      'lowers_exploration',
      'it explores less than the incumbent: that wants an approval',
    );
  }
  const asks = to === 'active' ? 'active' : stage === 'shadow' ? 'canary' : undefined;
  need(
    asks === undefined || !settings.approval.includes(asks),
    'approval',
    'the policy asks for an approval',
  );
  return missing;
}

function passedBy({ fired, settings }: StepSituation, to: 'canary' | 'active'): string {
  if (to === 'canary') return 'it is not worse by the margin';
  return fired.improve
    ? 'it is better'
    : `it is not worse by the margin, and the policy promotes what is ${settings.promote}`;
}
