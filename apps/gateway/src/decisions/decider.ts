import { Choice, DecisionFeatures, drawIndex, uniformOf } from '@rlaas/learning';
import { BASELINE_VERSION, type Decide, type Decision, type DecisionEvent } from '@rlaas/schemas';
import type { Journal } from '../journal/journal.ts';
import type { Catalogue } from '../policies/catalogue.ts';
import type { ServedPolicy, ServedVersion } from '../policies/served-policy.ts';
import { Assignments } from './assignment.ts';
import { baselineOf, bestOf, exploreAround } from './baseline.ts';
import type { DecisionRecord, ShadowRecord } from './decision-record.ts';
import { answerText, decisionOf, eventText } from './decision-text.ts';
import { Episodes, type FirstDecision } from './episodes.ts';
import { mistakeIn } from './mistakes.ts';

/** How a request for a decision ended. */
export type Decided =
  /** The decision as JSON. */
  | { ok: true; text: string }
  | { ok: false; reason: 'unknown_policy' | 'not_loaded' | 'unlogged' | 'id_taken' }
  | { ok: false; reason: 'invalid'; path: string; message: string }
  | { ok: false; reason: 'too_large' };

/** Decides for a tenant; answers from memory, and when the decision is in the journal. */
export type Decider = (tenantId: string, asked: Decide) => Promise<Decided>;

export interface DeciderOptions {
  catalogue: Pick<Catalogue, 'find' | 'loaded'>;
  journal: Pick<Journal, 'append' | 'find'>;
  /** What is done when the journal takes nothing: answer the baseline unlogged, or nothing. */
  journalFull: 'refuse' | 'stop';
  now: () => number;
  newId: (now: number) => string;
  /** A decision was made, and will be answered. */
  onDecided: (mode: DecisionRecord['mode']) => void;
  /** The decision could not be written down. */
  onUnlogged: (error: unknown) => void;
  /** A version failed to score: a bug. The baseline was answered instead. */
  onFailedScoring: (policy: string, version: string, error: unknown) => void;
}

/** Largest event that the collector takes from a journal, in bytes. */
const EVENT_BYTES = 1_048_576;

export function createDecider(options: DeciderOptions): Decider {
  const { catalogue, journal, journalFull, now, newId, onDecided, onUnlogged, onFailedScoring } = options;
  const features = new DecisionFeatures();
  const choice = new Choice();
  const episodes = new Episodes<FirstDecision>();
  const assignments = new Assignments();
  /** Many decisions are made in the same millisecond, and writing a time costs as much as scoring an action. */
  let last = { at: Number.NaN, text: '' };

  return async (tenantId, asked) => {
    if (asked.id !== undefined) {
      const found = journal.find(tenantId, asked.id);
      const recorded = found === undefined ? undefined : await found;
      if (recorded !== undefined) return recordedAnswer(recorded, asked.policy);
    }
    const served = catalogue.find(tenantId, asked.policy);
    if (!served) return { ok: false, reason: catalogue.loaded ? 'unknown_policy' : 'not_loaded' };
    const at = now();
    const actions = asked.actions ?? served.declared?.actions;
    if (!actions) return { ok: false, reason: 'invalid', ...NO_ACTIONS };
    const mistake = mistakeIn(asked, actions, at);
    if (mistake) return { ok: false, reason: 'invalid', ...mistake };
    const allowed = allowedOf(asked, actions);
    features.read(asked.context ?? {}, actions);
    if (features.context.count * features.action.count > MOST_CROSSED) {
      return { ok: false, reason: 'invalid', ...TOO_MANY };
    }
    const record = decide(tenantId, served, asked, actions, allowed, at);
    const probabilityTexts = record.probabilities.map(String);
    const event = eventText(record, probabilityTexts);
    if (isLonger(event, EVENT_BYTES)) return { ok: false, reason: 'too_large' };
    try {
      await journal.append(tenantId, record.id, event);
    } catch (error) {
      onUnlogged(error);
      if (journalFull === 'stop') return { ok: false, reason: 'unlogged' };
      const unlogged = baselineRecord(record, allowed);
      onDecided(unlogged.mode);
      return { ok: true, text: answerText(unlogged, unlogged.probabilities.map(String)) };
    }
    onDecided(record.mode);
    remember(tenantId, record);
    return { ok: true, text: answerText(record, probabilityTexts) };
  };

  function decide(
    tenantId: string,
    served: ServedPolicy,
    asked: Decide,
    actions: DecisionRecord['actions'],
    allowed: Uint8Array | undefined,
    at: number,
  ): DecisionRecord {
    const id = asked.id ?? newId(at);
    if (at !== last.at) last = { at, text: new Date(at).toISOString() };
    const common = {
      id,
      time: last.text,
      asked,
      actions,
      actionsText: asked.actions ? undefined : served.declared?.text,
    };
    const repeated = repeatOf(tenantId, served, asked, actions, allowed);
    if (repeated) return { ...common, ...repeated };
    choice.reserve(actions.length);
    const { active } = served;
    const seed = seedOf(tenantId, asked, id);
    const shared = shareOf(served, tenantId, asked, seed, allowed);
    if (shared?.candidate) return { ...common, ...shared.candidate };
    const decidedBy = active && score(served.name, active, allowed) ? active : undefined;
    if (!decidedBy) {
      const explored = !active && served.degraded === undefined;
      const exploration = explored ? served.configuration.baseline_exploration : 0;
      exploreAround(baselineOf(allowed), exploration, allowed, choice.probabilities, actions.length);
    }
    const isDegraded = !decidedBy && (active !== undefined || served.degraded !== undefined);
    const chosen = drawIndex(choice, uniformOf('action', ...seed));
    const probabilities = probabilitiesOf(choice);
    return {
      ...common,
      probabilities,
      chosen,
      version: decidedBy?.version ?? null,
      checkpoint: decidedBy?.checkpoint ?? null,
      share: isDegraded ? undefined : shared?.incumbentShare,
      failed: isDegraded ? active?.version : shared?.failed,
      failedBeside: isDegraded ? undefined : shared?.failedBeside,
      mode: decidedBy ? 'live' : isDegraded ? 'degraded' : 'shadow_only',
      shadows: isDegraded
        ? []
        : [
            ...(shared?.beside ?? []),
            ...baselineBeside(served, decidedBy, allowed),
            ...shadowsOf(served, decidedBy, allowed),
          ],
      stickyOf: undefined,
    };
  }

  /**
   * Shares the decision between the version under test and what served before: whichever decides, what both would do is
   * written down.
   * @returns `undefined` when nothing is under test
   */
  function shareOf(
    served: ServedPolicy,
    tenantId: string,
    asked: Decide,
    seed: readonly string[],
    allowed: Uint8Array | undefined,
  ) {
    const { canary, active } = served;
    // Where what serves is not what it is tested against, nothing can be compared.
    if (!canary || served.degraded !== undefined || served.isReplaced) return undefined;
    const { isCandidate, share } = assignments.assign(tenantId, served.name, canary, asked.episode_id, seed);
    const { version, checkpoint } = canary.version;
    const incumbentShare = 1 - share;
    if (!isCandidate) {
      const scored = scoreUnder(served, canary.version, active, allowed);
      const beside: ShadowRecord[] = scored
        ? [{ version, checkpoint, share, probabilities: probabilitiesOf(choice) }]
        : [];
      const failedBeside = scored ? undefined : version;
      return { candidate: undefined, beside, incumbentShare, failed: undefined, failedBeside };
    }
    // What serves comes first: where it fails, nothing can be compared, and the decision goes the ordinary way.
    if (active && !score(served.name, active, allowed)) return undefined;
    if (!active) {
      const { baseline_exploration: exploration } = served.configuration;
      exploreAround(baselineOf(allowed), exploration, allowed, choice.probabilities, choice.count);
    }
    const incumbent: ShadowRecord = {
      version: active?.version ?? BASELINE_VERSION,
      checkpoint: active?.checkpoint ?? null,
      share: incumbentShare,
      probabilities: probabilitiesOf(choice),
    };
    if (!scoreUnder(served, canary.version, active, allowed)) {
      return { candidate: undefined, beside: [], incumbentShare, failed: version, failedBeside: undefined };
    }
    const chosen = drawIndex(choice, uniformOf('action', ...seed));
    const probabilities = probabilitiesOf(choice);
    const candidate = {
      probabilities,
      chosen,
      version,
      checkpoint,
      share,
      failed: undefined,
      failedBeside: undefined,
      mode: 'canary' as const,
      shadows: [incumbent, ...shadowsOf(served, active, allowed)],
      stickyOf: undefined,
    };
    return { candidate, beside: [], incumbentShare, failed: undefined, failedBeside: undefined };
  }

  /** What the explored baseline would have done, while the version that took its place is watched beside it. */
  function baselineBeside(
    served: ServedPolicy,
    decidedBy: ServedVersion | undefined,
    allowed: Uint8Array | undefined,
  ): ShadowRecord[] {
    if (!decidedBy || !served.besideBaseline) return [];
    const { baseline_exploration: exploration } = served.configuration;
    exploreAround(baselineOf(allowed), exploration, allowed, choice.probabilities, choice.count);
    return [{ version: BASELINE_VERSION, checkpoint: null, probabilities: probabilitiesOf(choice) }];
  }

  /** What the episode played before, when it is to be played again and may be. */
  function repeatOf(
    tenantId: string,
    served: ServedPolicy,
    asked: Decide,
    actions: DecisionRecord['actions'],
    allowed: Uint8Array | undefined,
  ) {
    if (asked.sticky === undefined || asked.episode_id === undefined) return undefined;
    const first = episodes.find(tenantId, asked.policy, asked.episode_id);
    // What was taken away is played no more, also where it was begun.
    if (first?.version !== undefined && first.version !== null && !served.versions.has(first.version)) {
      episodes.forget(tenantId, asked.policy, asked.episode_id);
      return undefined;
    }
    const chosen = first ? actions.findIndex(({ id }) => id === first.action) : -1;
    if (!first || chosen === -1 || allowed?.[chosen] === 0) return undefined;
    return {
      // What was drawn once is certain now.
      probabilities: actions.map((_, index) => (index === chosen ? 1 : 0)),
      chosen,
      version: first.version,
      checkpoint: first.checkpoint,
      mode: first.mode,
      share: undefined,
      failed: undefined,
      failedBeside: undefined,
      shadows: [],
      stickyOf: first.id,
    };
  }

  function remember(tenantId: string, { asked, ...record }: DecisionRecord): void {
    if (asked.sticky === undefined || asked.episode_id === undefined || record.stickyOf !== undefined) return;
    if (record.mode === 'degraded') return;
    episodes.add(tenantId, asked.policy, asked.episode_id, {
      id: record.id,
      action: record.actions[record.chosen]?.id ?? '',
      version: record.version,
      checkpoint: record.checkpoint,
      mode: record.mode,
    });
  }

  /** Scores and probabilities of a version into `choice`; false: it failed, and was reported. */
  function score(policy: string, version: ServedVersion, allowed: Uint8Array | undefined): boolean {
    try {
      version.policy.decide(version.model, features, allowed, choice);
      return true;
    } catch (error) {
      onFailedScoring(policy, version.version, error);
      return false;
    }
  }

  /**
   * What the versions in shadow would have done, under the exploration of what decided: compared under their own, the one
   * that explores least would win.
   */
  function shadowsOf(
    served: ServedPolicy,
    decidedBy: ServedVersion | undefined,
    allowed: Uint8Array | undefined,
  ): ShadowRecord[] {
    const shadows: ShadowRecord[] = [];
    if (served.active && !decidedBy) return shadows;
    for (const shadow of served.shadows) {
      if (!scoreUnder(served, shadow, decidedBy, allowed)) continue;
      shadows.push({
        version: shadow.version,
        checkpoint: shadow.checkpoint,
        probabilities: probabilitiesOf(choice),
      });
    }
    return shadows;
  }

  /** Probabilities of a version into `choice`, under the exploration of what decides; false: it failed. */
  function scoreUnder(
    served: ServedPolicy,
    version: ServedVersion,
    decidedBy: ServedVersion | undefined,
    allowed: Uint8Array | undefined,
  ): boolean {
    if (!score(served.name, version, allowed)) return false;
    // Fixed probabilities are what they are: there are no scores to explore around.
    if (!version.policy.predicts) return true;
    if (decidedBy) decidedBy.policy.explore(decidedBy.model, allowed, choice);
    else if (served.degraded === undefined) {
      const best = bestOf(choice.scores, allowed, choice.count);
      const exploration = served.configuration.baseline_exploration;
      exploreAround(best, exploration, allowed, choice.probabilities, choice.count);
    }
    return true;
  }
}

const NO_ACTIONS = { path: '/actions', message: 'is required: the policy declares none' };

/** Features of the context times those of all actions: each pair is a feature, and this many take about 10 ms. */
const MOST_CROSSED = 5_000_000;
const TOO_MANY = {
  path: '/context',
  message: `has too many features: times those of all actions they may be ${MOST_CROSSED} at most`,
};

/** The seed of the draw: the same seed and probabilities give the same choice, in any process. */
function seedOf(tenantId: string, asked: Decide, id: string): string[] {
  const seed =
    asked.sticky !== undefined && asked.episode_id !== undefined
      ? ['episode', asked.episode_id]
      : asked.external_id === undefined
        ? ['decision', id]
        : ['external', asked.external_id];
  // Drawn again without an action, with the same number, the choice would follow from the one before.
  const without =
    asked.excluded && asked.excluded.length > 0 ? ['without', ...asked.excluded.toSorted()] : [];
  return [tenantId, asked.policy, ...seed, ...without];
}

/** 1 for each action that may be chosen; `undefined` when all may. */
function allowedOf(asked: Decide, actions: DecisionRecord['actions']): Uint8Array | undefined {
  if (asked.excluded === undefined || asked.excluded.length === 0) return undefined;
  const excluded = new Set(asked.excluded);
  return Uint8Array.from(actions, ({ id }) => (excluded.has(id) ? 0 : 1));
}

function probabilitiesOf({ probabilities, count }: Choice): number[] {
  const copied: number[] = [];
  for (let index = 0; index < count; index += 1) copied.push(probabilities[index] ?? 0);
  return copied;
}

/** What could not be written down must not be learned from: the application's own choice, marked. */
function baselineRecord(record: DecisionRecord, allowed: Uint8Array | undefined): DecisionRecord {
  const chosen = baselineOf(allowed);
  return {
    ...record,
    probabilities: record.actions.map((_, index) => (index === chosen ? 1 : 0)),
    chosen,
    version: null,
    checkpoint: null,
    share: undefined,
    failed: undefined,
    failedBeside: undefined,
    mode: 'degraded',
    shadows: [],
    stickyOf: undefined,
  };
}

function recordedAnswer(text: string, policy: string): Decided {
  // Written by this program and guarded by a checksum.
  const event = JSON.parse(text) as DecisionEvent;
  if (event.policy !== policy) return { ok: false, reason: 'id_taken' };
  const decision: Decision = decisionOf(event);
  return { ok: true, text: JSON.stringify(decision) };
}

/** Counted only where it can matter: a UTF-16 unit is at most three bytes. */
function isLonger(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);
}
