import { type Database, writeAudit } from '@rlaas/database';
import { MOST_SHADOWS, type PolicyVersion } from '@rlaas/schemas';
import { findPolicy } from '../store/policies.ts';
import { lockVersion } from '../store/learning-versions.ts';
import { findVersion, listVersionsIn, updateStatus } from '../store/policy-versions.ts';
import { endRolloutOf } from '../rollouts/end-rollout.ts';
import { dryRun } from './dry-run.ts';

/** What became of a version's status; `undefined`: there is no such version. */
export type StatusOutcome =
  | { outcome: 'moved' | 'unchanged'; version: PolicyVersion }
  | { outcome: 'refused'; detail: string }
  | undefined;

/**
 * The two moves of a version that give nobody's decisions to it; all others belong to rollouts.
 *
 * - `draft → shadow`: it learns and scores every decision beside the deciding version, and decides none.
 * - any but `rolled_back` `→ retired`: it is done. Taking traffic away is always allowed, giving it never is.
 */
export interface VersionStatusMoves {
  shadow(tenantId: string, actor: string, policy: string, version: string): Promise<StatusOutcome>;
  /** @param force also when it has traffic */
  retire(
    tenantId: string,
    actor: string,
    policy: string,
    version: string,
    force: boolean,
  ): Promise<StatusOutcome>;
}

export function createVersionStatusMoves(options: {
  database: Database;
  now: () => number;
}): VersionStatusMoves {
  const { database, now } = options;

  /** Asks `decide` about the version, alone with its policy, and makes the move that it answers. */
  function move(
    by: { tenantId: string; actor: string; policy: string; name: string; verb: 'shadow' | 'retire' },
    decide: (version: PolicyVersion, shadows: PolicyVersion[], problem: () => string | undefined) => Decision,
  ): Promise<StatusOutcome> {
    const { tenantId, actor, policy, name, verb } = by;
    return database.transaction({ role: 'rlaas_api', tenants: [tenantId] }, async (tx) => {
      const of = await findPolicy(tx, tenantId, policy, true);
      // A training run that is about to give the version its first checkpoint ends before, or not at all.
      await lockVersion(tx, { tenant_id: tenantId, policy, version: name });
      const before = of && (await findVersion(tx, tenantId, policy, name));
      if (!of || !before) return undefined;
      // One in canary may go back into shadow, and what it takes the place of does.
      const shadows = await listVersionsIn(tx, tenantId, policy, ['shadow', 'canary']);
      const decided = decide(before, shadows, () => dryRun(before.configuration, of.configuration));
      if (decided === 'unchanged') return { outcome: 'unchanged', version: before };
      if (typeof decided === 'object') return { outcome: 'refused', detail: decided.refused };
      const version = await updateStatus(tx, tenantId, policy, name, decided);
      if (decided === 'retired') {
        const reason = 'the version was retired';
        const ending = { outcome: 'retired', cause: 'retired', actor, reason, now: now() } as const;
        await endRolloutOf(tx, tenantId, policy, name, ending);
      }
      await writeAudit(
        tx,
        {
          tenantId,
          actor,
          action: `policy_version.${verb}`,
          object: `${policy}/${name}`,
          details: { from: before.status, to: decided },
        },
        now(),
      );
      return { outcome: 'moved', version };
    });
  }

  return {
    shadow: (tenantId, actor, policy, name) =>
      move({ tenantId, actor, policy, name, verb: 'shadow' }, (version, shadows, problem) => {
        if (version.status === 'shadow') return 'unchanged';
        if (version.status !== 'draft') {
          return { refused: `Version "${name}" is ${version.status}; only a draft can go into shadow.` };
        }
        if (shadows.length >= MOST_SHADOWS) {
          const names = shadows.map((shadow) => `"${shadow.name}"`).join(', ');
          return {
            refused: `${names} are scored beside what serves, and at most ${MOST_SHADOWS} versions of a policy may be: retire one of them first.`,
          };
        }
        const found = problem();
        return found === undefined ? 'shadow' : { refused: `Version "${name}" ${found}.` };
      }),
    retire: (tenantId, actor, policy, name, force) =>
      move({ tenantId, actor, policy, name, verb: 'retire' }, (version) => {
        if (version.status === 'retired') return 'unchanged';
        if (version.status === 'rolled_back') {
          return { refused: `Version "${name}" was rolled back; that is an end already.` };
        }
        if ((version.status === 'active' || version.status === 'canary') && !force) {
          return {
            refused: `Version "${name}" is ${version.status} and has traffic. Send {"force": true} to take it away; without an active version the explored baseline plays.`,
          };
        }
        return 'retired';
      }),
  };
}

type Decision = 'shadow' | 'retired' | 'unchanged' | { refused: string };
