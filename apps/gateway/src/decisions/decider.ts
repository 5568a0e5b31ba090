import { draw, flatten, uniformOf } from '@rlaas/learning';
import type { Decide, Decision, DecisionEvent } from '@rlaas/schemas';
import type { Journal } from '../journal/journal.ts';
import type { Catalogue } from '../policies/catalogue.ts';
import type { ServedPolicy } from '../policies/served-policy.ts';
import { type RecentDecisions, decisionOf } from './recent-decisions.ts';

type Decided =
  | { ok: true; decision: Decision }
  | { ok: false; reason: 'unknown_policy' | 'not_loaded' }
  | { ok: false; reason: 'invalid'; path: string; message: string };

/** Decides for a tenant; answers from memory. */
export type Decider = (tenantId: string, asked: Decide) => Decided;

export interface DeciderOptions {
  catalogue: Catalogue;
  journal: Pick<Journal, 'append'>;
  recent: RecentDecisions;
  now: () => number;
  newId: (now: number) => string;
  /** The decision could not be written down: the baseline was answered instead. */
  onUnlogged: (error: unknown) => void;
}

export function createDecider({
  catalogue,
  journal,
  recent,
  now,
  newId,
  onUnlogged,
}: DeciderOptions): Decider {
  return (tenantId, asked) => {
    const repeated = asked.id === undefined ? undefined : recent.find(tenantId, asked.id);
    if (repeated) return { ok: true, decision: repeated };
    const served = catalogue.find(tenantId, asked.policy);
    if (!served) return { ok: false, reason: catalogue.loaded ? 'unknown_policy' : 'not_loaded' };
    const actions = asked.actions ?? served.configuration.actions;
    if (!actions) {
      return {
        ok: false,
        reason: 'invalid',
        path: '/actions',
        message: 'are needed: the policy declares none',
      };
    }
    const wrong = notFinite(asked.context, actions);
    if (wrong) return { ok: false, reason: 'invalid', path: wrong.path, message: wrong.message };

    const at = now();
    const id = asked.id ?? newId(at);
    const choice = choose(served, asked.context, actions);
    const chosen = draw(choice.probabilities, uniformOf(tenantId, asked.policy, id));
    const event: DecisionEvent = {
      id,
      type: 'decision',
      schema_version: 1,
      occurred_at: new Date(at).toISOString(),
      source: 'gateway',
      policy: asked.policy,
      data: {
        context: asked.context,
        actions: actions.map(({ id: action, features }) =>
          features ? { id: action, features } : { id: action },
        ),
        probabilities: choice.probabilities,
        chosen,
        // The very number that the draw used.
        propensity: choice.probabilities[chosen] ?? 0,
        policy_version: choice.version,
        checkpoint: choice.checkpoint,
        mode: choice.mode,
      },
    };
    try {
      journal.append({ tenantId, event });
    } catch (error) {
      onUnlogged(error);
      return { ok: true, decision: unlogged(event) };
    }
    const decision = decisionOf(event);
    recent.add(tenantId, decision);
    return { ok: true, decision };
  };
}

interface Choice {
  probabilities: number[];
  version: string | null;
  checkpoint: number | null;
  mode: Decision['mode'];
}

function choose(
  served: ServedPolicy,
  context: Decide['context'],
  actions: NonNullable<Decide['actions']>,
): Choice {
  const { active, degraded, configuration } = served;
  if (active) {
    const probabilities = active.policy.probabilities(active.policy.score(active.state, context, actions));
    return { probabilities, version: active.version, checkpoint: active.checkpoint, mode: 'live' };
  }
  if (degraded !== undefined) {
    return { probabilities: baseline(actions.length, 0), version: null, checkpoint: null, mode: 'degraded' };
  }
  // Without exploration nothing could ever be evaluated.
  const probabilities = baseline(actions.length, configuration.baseline_exploration);
  return { probabilities, version: null, checkpoint: null, mode: 'shadow_only' };
}

/** The first action, but for a share that the others have in equal parts. */
function baseline(count: number, exploration: number): number[] {
  if (count === 1) return [1];
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? 1 - exploration : exploration / (count - 1),
  );
}

/** What could not be written down must not be learned from: the application's own choice, marked. */
function unlogged(event: DecisionEvent): Decision {
  const { actions } = event.data;
  const probabilities = baseline(actions.length, 0);
  return decisionOf({
    ...event,
    data: {
      ...event.data,
      probabilities,
      chosen: 0,
      propensity: 1,
      policy_version: null,
      checkpoint: null,
      mode: 'degraded',
    },
  });
}

function notFinite(
  context: Decide['context'],
  actions: NonNullable<Decide['actions']>,
): { path: string; message: string } | undefined {
  const parts: [string, Decide['context']][] = [
    ['/context', context],
    ...actions.map((action, index): [string, Decide['context']] => [
      `/actions/${index}/features`,
      action.features ?? {},
    ]),
  ];
  for (const [path, features] of parts) {
    try {
      flatten(features);
    } catch (error) {
      if (error instanceof RangeError) return { path, message: error.message };
      throw error;
    }
  }
  return undefined;
}
