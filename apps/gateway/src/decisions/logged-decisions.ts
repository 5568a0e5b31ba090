import { type Database, isConnectionLost } from '@rlaas/database';
import { DecisionFeatures } from '@rlaas/learning';
import type { DecisionEvent, Explanation, LoggedDecision } from '@rlaas/schemas';
import type { Journal } from '../journal/journal.ts';
import type { Catalogue } from '../policies/catalogue.ts';
import type { Artefact, Models } from '../policies/models.ts';
import type { ServedVersion } from '../policies/served-policy.ts';
import { findArtefact, findDecision } from '../store/logged-decisions.ts';
import { decisionOf } from './decision-text.ts';
import { explainedActions } from './explanation.ts';

/** A decision that was made, with why; `undefined`: there is none; `unavailable`: it cannot be looked up now. */
export type LoggedDecisions = (
  tenantId: string,
  id: string,
  version: string | undefined,
) => Promise<LoggedDecision | undefined | 'unavailable'>;

/** Looks for a decision in the journal, then in Postgres, and explains it with the checkpoint that scored it. */
export function createLoggedDecisions(options: {
  journal: Pick<Journal, 'find'>;
  catalogue: Pick<Catalogue, 'find'>;
  models: Pick<Models, 'build'>;
  database: Database;
  /** A checkpoint could not be loaded; the decision is shown without an explanation. */
  onFailure: (error: unknown) => void;
}): LoggedDecisions {
  const { journal, catalogue, models, database, onFailure } = options;

  async function eventOf(tenantId: string, id: string): Promise<DecisionEvent | undefined | 'unavailable'> {
    const recorded = await journal.find(tenantId, id);
    // Written by this program and guarded by a checksum.
    if (recorded !== undefined) return JSON.parse(recorded) as DecisionEvent;
    try {
      return await database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, (tx) =>
        findDecision(tx, tenantId, id),
      );
    } catch (error) {
      if (isConnectionLost(error)) return 'unavailable';
      throw error;
    }
  }

  async function explain(
    tenantId: string,
    { policy, data }: DecisionEvent,
    wanted: string | undefined,
  ): Promise<Explanation> {
    const scored = [
      { version: data.policy_version, checkpoint: data.checkpoint },
      ...(data.shadow ?? []).map(({ version, checkpoint }) => ({ version, checkpoint: checkpoint ?? null })),
    ];
    const which = wanted === undefined ? scored[0] : scored.find(({ version }) => version === wanted);
    if (!which) return none(`Version ${wanted} did not score this decision.`);
    const { version, checkpoint } = which;
    if (version === null) {
      return none(
        data.mode === 'degraded'
          ? 'No version could score; the baseline was played.'
          : 'No version was active: the baseline was played, explored. Ask with ?version= for one that scored in shadow.',
      );
    }
    if (data.sticky_of !== undefined) return none(`It repeats decision ${data.sticky_of} of its episode.`);
    const found = await scorerOf(tenantId, policy, version, checkpoint);
    if (typeof found === 'string') return none(found);
    if (isTooLarge(data)) return none('It has too many features to list their parts.');
    return {
      available: true,
      version,
      checkpoint,
      actions: explainedActions(found.policy.explain(found.model, data.context, data.actions)),
    };
  }

  /** The version as it was then, or why it cannot be had. */
  async function scorerOf(
    tenantId: string,
    policy: string,
    version: string,
    checkpoint: number | null,
  ): Promise<ServedVersion | string> {
    const served = catalogue.find(tenantId, policy);
    const inMemory =
      served &&
      [served.active, served.canary?.version, ...served.shadows].find((one) => one?.version === version);
    if (inMemory?.checkpoint === checkpoint) return inMemory;
    try {
      const artefact = await database.transaction(
        { role: 'rlaas_api', tenants: [tenantId], readOnly: true },
        (tx) => findArtefact(tx, tenantId, policy, version, checkpoint),
      );
      if (!artefact) return `Version ${version} is not there any more.`;
      if (checkpoint !== null && artefact.object_key === null) {
        return `Checkpoint ${checkpoint} of version ${version} is no longer kept.`;
      }
      return await builtOf(artefact);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      return `Checkpoint ${checkpoint} of version ${version} cannot be looked up now: Postgres does not answer.`;
    }
  }

  async function builtOf(artefact: Artefact): Promise<ServedVersion | string> {
    try {
      return await models.build(artefact);
    } catch (error) {
      onFailure(error);
      return `Checkpoint ${artefact.checkpoint} of version ${artefact.version} cannot be loaded; the log says why.`;
    }
  }

  return async (tenantId, id, version) => {
    const event = await eventOf(tenantId, id);
    if (event === undefined || event === 'unavailable') return event;
    return {
      ...decisionOf(event),
      occurred_at: event.occurred_at,
      ...(event.external_id !== undefined && { external_id: event.external_id }),
      ...(event.episode_id !== undefined && { episode_id: event.episode_id }),
      logged: event.data,
      explanation: await explain(tenantId, event, version),
    };
  };
}

/** Each pair of features is listed before the largest are chosen. */
const MOST_PARTS = 200_000;

function isTooLarge({ context, actions }: DecisionEvent['data']): boolean {
  const features = new DecisionFeatures();
  features.read(context, actions);
  return (features.context.count + 1) * features.action.count > MOST_PARTS;
}

function none(reason: string): Explanation {
  return { available: false, reason };
}
