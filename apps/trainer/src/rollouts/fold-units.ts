import { type Transaction, readSettled } from '@rlaas/database';
import type { StoredRollout } from '../store/rollouts.ts';
import {
  type DecisionQuery,
  type DecisionRow,
  findDecisionsBehind,
  findDecisionsOfEpisodes,
  findOldestDelivery,
} from '../store/rollout-units.ts';
import { compareVersions } from './compared-decision.ts';
import type { RolloutProgress } from './rollout-progress.ts';
import { type UnitMember, unitOf } from './rollout-unit.ts';

/** Decisions of one look. */
const BATCH = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Takes in all units whose full window has passed, in the order of decisions, up to the first that still waits: what
 * comes early is not counted early, or rewards that come soon would count more than those that never come.
 * @returns whether there may be more at once
 */
export async function foldUnits(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  progress: RolloutProgress,
  now: number,
): Promise<boolean> {
  const { terms, policy, specification, settings } = rollout;
  const settled = await readSettled(tx, now);
  const delivery = await findOldestDelivery(tx, tenantId);
  /** What was received before has its reward opened, if it gets one. */
  const opened = Math.min(settled, delivery ?? settled);
  const until = settled - terms.windowMs;
  const query: DecisionQuery = {
    tenantId,
    policy,
    specification,
    windowMs: terms.windowMs,
    outcomes: [...new Set(Object.values(settings.guardrails).map(({ outcome }) => outcome))],
  };
  const after = progress.state.cursor ?? { at: rollout.startedAt - 1, id: FIRST_ID };
  const rows = await findDecisionsBehind(tx, query, after, until, BATCH);
  const names = rows.filter((row) => sharesEpisode(row, rollout)).map((row) => row.episode_id ?? '');
  const episodes = await findDecisionsOfEpisodes(tx, query, [...new Set(names)]);
  const isOpen = (row: DecisionRow): boolean =>
    row.status === 'pending' || (row.status === null && row.received_at >= opened);

  for (const row of rows) {
    const whole = sharesEpisode(row, rollout) ? episodes.get(row.episode_id ?? '') : undefined;
    if (whole && whole[0]?.id !== row.id) {
      // It was counted with the first decision of its episode, or that one was before the start.
      progress.passed(row.occurred_at, row.id);
      continue;
    }
    const end = row.occurred_at + (whole ? terms.episodeWindowMs : 0);
    const members = whole ? whole.filter((one) => one.occurred_at <= end) : [row];
    if (end >= until && whole) return false;
    if (members.some(isOpen)) return false;
    count(members, rollout, progress);
    progress.passed(row.occurred_at, row.id);
  }
  return rows.length === BATCH;
}

/** Whether a decision belongs to a unit of several: its version, its draw or its reward is that of the episode. */
function sharesEpisode({ episode_id: episode, data }: DecisionRow, { terms }: StoredRollout): boolean {
  return (
    episode !== null &&
    (terms.sharesEpisodes || data.sticky === 'episode' || data.version_share !== undefined)
  );
}

function count(rows: readonly DecisionRow[], rollout: StoredRollout, progress: RolloutProgress): void {
  const versions = { candidate: rollout.version, incumbent: rollout.incumbent };
  const members: UnitMember[] = [];
  for (const row of rows) {
    const compared = row.imported ? 'imported' : compareVersions(row.data, versions);
    if (typeof compared === 'string' && compared !== 'sticky_repeat') {
      progress.skip(compared);
      return;
    }
    members.push({
      id: row.id,
      compared,
      reward: row.status === 'final' || row.status === 'defaulted' ? row.value : null,
      harms: harmsOf(row, rollout),
    });
  }
  const unit = unitOf(members, rollout.terms);
  if (typeof unit === 'string') progress.skip(unit);
  else progress.add(unit, rows[0]?.occurred_at ?? 0);
}

function harmsOf({ outcomes }: DecisionRow, { settings }: StoredRollout): Record<string, number> {
  const harms: Record<string, number> = {};
  for (const [name, { outcome, above }] of Object.entries(settings.guardrails)) {
    let harm = 0;
    for (const { name: found, value } of outcomes ?? []) {
      if (found !== outcome) continue;
      const number = typeof value === 'number' ? value : value === true ? 1 : 0;
      harm = Math.max(harm, above === undefined ? Math.min(Math.max(number, 0), 1) : number > above ? 1 : 0);
    }
    harms[name] = harm;
  }
  return harms;
}
