import type { Database } from '@rlaas/database';
import { findNextDecision } from '../store/rollout-units.ts';
import { findRollout, listOpenRollouts } from '../store/rollouts.ts';
import { FIRST_ID } from './cursor.ts';
import { type RolloutFigures, figuresOf } from './rollout-figures.ts';

/** Figures are made of so many rollouts: what watches them has to keep all of it. */
const MOST_SHOWN = 50;

/** Figures of a rollout with how far its tests are behind. */
export interface OpenFigures extends RolloutFigures {
  /** Slug. */
  tenant: string;
  /** For how long the first decision has been waiting that could be looked at. */
  behindSeconds: number;
}

/**
 * The rollouts of tenants that go on, counted, and the figures of 50 of them.
 * @param slugs of the tenants, by id
 * @param now milliseconds since 1970
 * @param onFailure hears of a rollout that cannot be read; it does not hide the others
 */
export async function readOpenFigures(
  database: Database,
  slugs: ReadonlyMap<string, string>,
  now: number,
  onFailure: (rolloutId: string, error: unknown) => void,
): Promise<{ open: number; shown: OpenFigures[] }> {
  const reading = (tenants: string[]) => ({ role: 'rlaas_worker' as const, tenants, readOnly: true });
  const { open, latest } = await database.transaction(reading([...slugs.keys()]), (tx) =>
    listOpenRollouts(tx, MOST_SHOWN),
  );
  const shown: OpenFigures[] = [];
  for (const { tenantId, id } of latest) {
    try {
      const figures = await database.transaction(reading([tenantId]), async (tx) => {
        const rollout = await findRollout(tx, tenantId, id);
        if (!rollout || rollout.stage === 'ended') return undefined;
        const { policy, startedAt, terms, progress } = rollout;
        const after = progress?.cursor ?? { at: startedAt - 1, id: FIRST_ID };
        const next = await findNextDecision(tx, { tenantId, policy }, after);
        // It may have to wait for the window of the last decision of its episode.
        const ready = next === undefined ? now : next + terms.windowMs + terms.episodeWindowMs;
        return { ...figuresOf(rollout, now), behindSeconds: Math.max(now - ready, 0) / 1_000 };
      });
      if (figures) shown.push({ ...figures, tenant: slugs.get(tenantId) ?? tenantId });
    } catch (error) {
      onFailure(id, error);
    }
  }
  return { open, shown };
}
