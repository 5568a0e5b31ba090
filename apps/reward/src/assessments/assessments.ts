import { type Database, type Transaction, readSettled } from '@rlaas/database';
import {
  type PreviewReward,
  type RewardDifference,
  type RewardFinding,
  type RewardPreview,
  type RewardSpecification,
  type StoredRewardSpecification,
  differencesBetween,
} from '@rlaas/schemas';
import { compileSpecification } from '../specifications/compile.ts';
import { unseenNames } from '../specifications/known-names.ts';
import { type UsedSpecification, useDefinition } from '../specifications/specification-cache.ts';
import { type DecisionRow, findLastDecisions } from '../store/decisions.ts';
import { findNewestSpecification, findSpecification } from '../store/reward-specs.ts';
import { findSeenNames } from '../store/seen-names.ts';
import { type AssessedDecision, assessDecisions, countedOf } from './assess-decisions.ts';
import { ComparisonBuilder, StatisticsBuilder } from './reward-statistics.ts';

/** Looks at what specifications make of decisions that were made; nothing is written. */
export interface Assessments {
  /** A definition that is not saved, on the last decisions of a policy. */
  preview: (
    tenantId: string,
    wanted: PreviewReward,
  ) => Promise<{ ok: true; preview: RewardPreview } | { ok: false; mistakes: RewardFinding[] }>;
  /** Two versions on the same decisions; `missing`: the version that is not there. */
  difference: (
    tenantId: string,
    policy: string,
    asked: { from: number; to: number; decisions: number },
  ) => Promise<{ ok: true; difference: RewardDifference } | { ok: false; missing: number }>;
}

/** So many decisions are looked at together. */
const PART = 500;
/** Longer than a request of the service's own takes: thousands of decisions with their events. */
const STATEMENT_MS = 20_000;

export function createAssessments({ database, now }: { database: Database; now: () => number }): Assessments {
  const reading = <T>(tenantId: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    database.transaction(
      { role: 'rlaas_worker', tenants: [tenantId], readOnly: true, statementTimeoutMs: STATEMENT_MS },
      work,
    );
  return {
    async preview(tenantId, { policy, definition, decisions, examples }) {
      const compiled = compileSpecification(definition);
      if (!compiled.ok) return { ok: false, mistakes: compiled.mistakes };
      return reading(tenantId, async (tx) => {
        const rows = await findLastDecisions(tx, tenantId, policy, decisions);
        const at = await readSettled(tx, now());
        const made = await assessAll(tx, rows, compiled, at);
        const current = await findNewestSpecification(tx, tenantId, policy);
        const seen = await findSeenNames(tx, tenantId);
        return {
          ok: true,
          preview: {
            statistics: statisticsOf(definition, made),
            current: current
              ? {
                  version: current.version,
                  comparison: compare(
                    [current.definition, definition],
                    await assessAll(tx, rows, useDefinition(current.definition), at),
                    made,
                  ),
                }
              : null,
            warnings: [...compiled.warnings, ...unseenNames(definition, seen)],
            examples: made.slice(0, examples).map(exampleOf),
          },
        };
      });
    },
    difference: (tenantId, policy, asked) =>
      reading(tenantId, async (tx) => {
        const versions: StoredRewardSpecification[] = [];
        for (const version of [asked.from, asked.to]) {
          const found = await findSpecification(tx, tenantId, policy, version);
          if (!found) return { ok: false, missing: version };
          versions.push(found);
        }
        const [from, to] = versions as [StoredRewardSpecification, StoredRewardSpecification];
        const rows = await findLastDecisions(tx, tenantId, policy, asked.decisions);
        const at = await readSettled(tx, now());
        const [before, after] = [
          await assessAll(tx, rows, useDefinition(from.definition), at),
          await assessAll(tx, rows, useDefinition(to.definition), at),
        ];
        return {
          ok: true,
          difference: {
            policy,
            versions: { from: from.version, to: to.version },
            definition: differencesBetween(from.definition, to.definition),
            comparison: compare([from.definition, to.definition], before, after),
          },
        };
      }),
  };
}

async function assessAll(
  tx: Transaction,
  rows: readonly DecisionRow[],
  used: UsedSpecification,
  at: number,
): Promise<AssessedDecision[]> {
  const made: AssessedDecision[] = [];
  for (let from = 0; from < rows.length; from += PART) {
    made.push(...(await assessDecisions(tx, rows.slice(from, from + PART), used, at)));
  }
  return made;
}

function statisticsOf(
  { range }: RewardSpecification,
  made: readonly AssessedDecision[],
): RewardPreview['statistics'] {
  const builder = new StatisticsBuilder(range);
  for (const one of made) builder.add(countedOf(one));
  return builder.statistics;
}

function compare(
  definitions: readonly [RewardSpecification, RewardSpecification],
  before: readonly AssessedDecision[],
  after: readonly AssessedDecision[],
): RewardDifference['comparison'] {
  const builder = new ComparisonBuilder(rangeOfBoth(definitions));
  const known = new Map(before.map((one) => [one.row.id, one]));
  for (const one of after) {
    const other = known.get(one.row.id);
    builder.add(one.row.id, other && countedOf(other), countedOf(one));
  }
  return builder.comparison;
}

/** One range for the histograms of two definitions. */
function rangeOfBoth([one, other]: readonly [RewardSpecification, RewardSpecification]): [number, number] {
  return [Math.min(one.range[0], other.range[0]), Math.max(one.range[1], other.range[1])];
}

function exampleOf({
  row,
  status,
  reason,
  value,
  components,
}: AssessedDecision): RewardPreview['examples'][number] {
  return {
    decision_id: row.id,
    occurred_at: new Date(row.occurredAt).toISOString(),
    status,
    reason,
    value,
    components,
  };
}
