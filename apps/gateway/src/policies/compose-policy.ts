import type { PolicyConfiguration } from '@rlaas/schemas';
import type { ServedRow } from '../store/served-policies.ts';
import type { LoadedVersion, LoadedVersions } from './loaded-versions.ts';
import {
  type ServedCanary,
  type ServedPolicy,
  type ServedVersion,
  declaredActions,
} from './served-policy.ts';

/** A policy as it is served, and the rows that lead to it: those of what was refused are the last good ones. */
export interface Composed {
  readonly policy: ServedPolicy;
  /** Rows of the versions that are served, or of the policy alone. */
  readonly rows: readonly ServedRow[];
}

/** At most so many versions score beside the one that decides. */
const MOST_SHADOWS = 3;

/**
 * What is served of a policy with what is loaded now. Loads nothing, so whatever may no longer decide stops at once.
 * @param group rows of the policy, at least one
 * @param before what was served until now
 */
export function composePolicy(
  group: readonly [ServedRow, ...ServedRow[]],
  configuration: PolicyConfiguration,
  versions: Pick<LoadedVersions, 'find' | 'isRefused'>,
  before: Composed | undefined,
): Composed {
  const [first] = group;
  const kept: ServedRow[] = [];
  const wanted = group.find(({ status }) => status === 'active');
  const active: Active = wanted ? activeOf(wanted, group, versions, before) : { version: undefined };
  let canary: ServedCanary | undefined;
  const shadows: ServedVersion[] = [];
  for (const row of group) {
    // Also what cannot decide yet: a restart must not take it for gone.
    if (row === wanted) kept.push(active.row ?? row);
    // What decides in the place of another one is not looked at beside itself.
    if (row === wanted || row.version === null || row.version === active.version?.version) continue;
    const found = versions.find(row);
    if (found && row.status === 'canary') {
      kept.push(found.row);
      if (row.canary_share !== null && row.salt !== null) {
        canary = { version: found.version, share: row.canary_share, salt: row.salt };
      }
    } else if (found && shadows.length < MOST_SHADOWS) {
      kept.push(found.row);
      shadows.push(found.version);
    }
  }
  return {
    rows: kept.length > 0 ? kept : [{ ...first, version: null, status: null }],
    policy: {
      name: first.policy,
      configuration,
      declared: declaredActions(configuration),
      versions: new Set(group.flatMap(({ version }) => version ?? [])),
      active: active.version,
      canary,
      besideBaseline: active.version !== undefined && active.row?.beside_baseline === true,
      shadows,
      degraded: active.degraded,
      isReplaced:
        wanted !== undefined && active.version !== undefined && active.version.version !== wanted.version,
    },
  };
}

/** Rows of a policy whose artefacts are needed: shadows that cannot be loaded leave their places to the next ones. */
export function neededOf(
  group: readonly ServedRow[],
  versions: Pick<LoadedVersions, 'find' | 'isRefused'>,
): ServedRow[] {
  let places = MOST_SHADOWS;
  return group.filter((row) => {
    if (row.version === null) return false;
    if (row.status !== 'shadow') return true;
    if (places === 0) return false;
    if (versions.find(row) || !versions.isRefused(row)) places -= 1;
    return true;
  });
}

/** What decides, or why nothing does. */
interface Active {
  readonly version: ServedVersion | undefined;
  readonly row?: ServedRow;
  readonly degraded?: string;
}

function activeOf(
  row: ServedRow,
  group: readonly ServedRow[],
  versions: Pick<LoadedVersions, 'find' | 'isRefused'>,
  before: Composed | undefined,
): Active {
  const found = versions.find(row);
  if (found) return found;
  const lastGood = lastGoodOf(row, group, before);
  if (!versions.isRefused(row)) {
    // It is being loaded: until then whatever decided goes on, if it still may.
    if (lastGood) return lastGood;
    const isBaseline = before && !before.policy.active && before.policy.degraded === undefined;
    return { version: undefined, ...(!isBaseline && { degraded: `version ${row.version} is being loaded` }) };
  }
  return lastGood ?? { version: undefined, degraded: `version ${row.version} cannot be loaded` };
}

/**
 * What decided before, while the version that should decide now cannot be loaded. Not when it was retired or rolled
 * back meanwhile: then the baseline is better than what somebody has taken away.
 */
function lastGoodOf(
  { policy_row, policy_configuration }: ServedRow,
  group: readonly ServedRow[],
  before: Composed | undefined,
): LoadedVersion | undefined {
  const version = before?.policy.active;
  const row = before?.rows.find((one) => one.status === 'active');
  if (!version || !row || !group.some((one) => one.version === version.version)) return undefined;
  return { version, row: { ...row, policy_row, policy_configuration } };
}
