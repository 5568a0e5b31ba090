import type { Transaction } from '@rlaas/database';
import type { StoredRollout } from '../store/rollouts.ts';
import {
  type DecisionQuery,
  type DecisionRow,
  findDecisionsBehind,
  findDecisionsOfEpisodes,
  findFirstsOfEpisodes,
  findOldestDelivery,
} from '../store/rollout-units.ts';
import { type Uncounted, compareVersions } from './compared-decision.ts';
import { FIRST_ID } from './cursor.ts';
import type { RolloutProgress } from './rollout-progress.ts';
import { type UnitKind, type UnitMember, unitOf } from './rollout-unit.ts';

/** Decisions of one look. */
const BATCH = 500;
/** Episodes that are in memory at once, and decisions of one that count; of longer ones the reward is not known. */
const EPISODES = 10;
const MOST_MEMBERS = 1_000;

/**
 * Takes in all units whose full window has passed, in the order of decisions, up to the first that still waits: what
 * comes early is not counted early, or rewards that come soon would count more than those that never come.
 * @param settled up to when everything that was received is stored, in milliseconds since 1970
 * @returns whether there may be more at once
 */
export async function foldUnits(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  progress: RolloutProgress,
  settled: number,
): Promise<boolean> {
  const { terms, policy, specification, settings } = rollout;
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
  const kinds = new Map(rows.map((row) => [row.id, kindOf(row, rollout)]));
  const inEpisodes = rows.filter(({ id }) => kinds.get(id) !== 'decision');
  const firsts = await findFirstsOfEpisodes(tx, query, inEpisodes);
  const endOf = (row: { occurred_at: number }): number => row.occurred_at + terms.episodeWindowMs;
  const isFirst = (row: DecisionRow): boolean => firsts.get(row.id)?.id === row.id;
  const closed = inEpisodes.filter((row) => isFirst(row) && endOf(row) < until);
  let episodes = new Map<string, DecisionRow[]>();
  const isOpen = (row: DecisionRow): boolean =>
    row.status === 'pending' || (row.status === null && row.received_at >= opened);

  for (const row of rows) {
    const kind = kinds.get(row.id) ?? 'decision';
    let members = [row];
    if (kind !== 'decision') {
      const first = firsts.get(row.id);
      if (first?.id !== row.id) {
        // It was counted with the first decision of its episode; or that one was before the start, or too long ago.
        const isCounted =
          first && first.at >= rollout.startedAt && row.occurred_at <= first.at + terms.episodeWindowMs;
        if (!isCounted) progress.skip('older_episode');
        progress.passed(row.occurred_at, row.id);
        continue;
      }
      if (endOf(row) >= until) return false;
      const episode = row.episode_id ?? '';
      if (!episodes.has(episode)) {
        const some = closed.splice(0, EPISODES);
        const named = some.map((one) => ({ episode: one.episode_id ?? '', until: endOf(one) }));
        episodes = await findDecisionsOfEpisodes(tx, query, named, MOST_MEMBERS + 1);
      }
      members = episodes.get(episode) ?? members;
    }
    const counted = members.slice(0, MOST_MEMBERS);
    if (counted.some(isOpen)) return false;
    count(kind, counted, counted.length === members.length, rollout, progress);
    progress.passed(row.occurred_at, row.id);
  }
  return rows.length === BATCH;
}

/** What a decision is, or begins. */
function kindOf(row: DecisionRow, { terms, version, incumbent }: StoredRollout): UnitKind {
  if (row.episode_id === null) return 'decision';
  if (terms.sharesEpisodes) return 'episode';
  const compared = compareVersions(row.data, { candidate: version, incumbent });
  // In canary the version was drawn for the whole episode.
  if (typeof compared === 'object' && compared.share > 0 && compared.share < 1) return 'episode';
  return row.data.sticky === 'episode' ? 'sticky' : 'decision';
}

/** What cannot be a draw of the two versions, and is part of what came of the draws before it. */
const OUTCOMES: ReadonlySet<string> = new Set<Uncounted>([
  'imported',
  'sticky_repeat',
  'repeated_draw',
  'chosen_by_application',
  'degraded',
]);

function count(
  kind: UnitKind,
  rows: readonly DecisionRow[],
  isWhole: boolean,
  rollout: StoredRollout,
  progress: RolloutProgress,
): void {
  const versions = { candidate: rollout.version, incumbent: rollout.incumbent };
  const members: UnitMember[] = [];
  let isComplete = isWhole;
  for (const row of rows) {
    const compared = row.imported
      ? 'imported'
      : row.repeated && row.data.sticky === undefined
        ? 'repeated_draw'
        : compareVersions(row.data, versions);
    if (typeof compared === 'string' && members.length === 0) {
      progress.skip(compared);
      return;
    }
    // Whether a unit counts is settled by its first decision: how it goes on may follow from what was done there. Where
    // nothing is known of that, nothing is of its reward.
    if (typeof compared === 'string' && !OUTCOMES.has(compared)) {
      isComplete = false;
      break;
    }
    members.push({
      id: row.id,
      compared: typeof compared === 'string' ? 'outcome' : compared,
      reward: row.status === 'final' || row.status === 'defaulted' ? row.value : null,
      harms: harmsOf(row, rollout),
    });
  }
  progress.add(unitOf(kind, members, rollout.terms, isComplete), rows[0]?.occurred_at ?? 0);
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
