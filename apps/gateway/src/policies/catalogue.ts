import { policyConfigurationSchema } from '@rlaas/schemas';
import type { ServedRow } from '../store/served-policies.ts';
import { type Composed, composePolicy, neededOf } from './compose-policy.ts';
import { type LoadedVersionsOptions, artefactOf, createLoadedVersions } from './loaded-versions.ts';
import type { ServedPolicy } from './served-policy.ts';

export interface CatalogueOptions extends LoadedVersionsOptions {
  /** What is served of a policy has changed. */
  onLoaded: (tenantId: string, policy: ServedPolicy) => void;
}

/**
 * What the gateway serves, in memory. What is stored is taken over at once, with what is loaded; what is not is loaded
 * behind that, however long it takes.
 */
export interface Catalogue {
  find: (tenantId: string, policy: string) => ServedPolicy | undefined;
  /** Whether it was filled at least once. */
  readonly loaded: boolean;
  /** Takes over what is stored. */
  take: (rows: readonly ServedRow[]) => void;
  /** Begins to load what is missing. @returns when nothing is, or can be had now; with a store that hangs maybe never */
  load: () => Promise<void>;
  /** How often anything changed. */
  readonly changes: number;
  /** What was served once, and may be served when the newer artefact cannot be had. */
  remember: (rows: readonly ServedRow[]) => void;
  /** Whether a version can score, by whatever artefact. */
  isLoaded: (row: ServedRow) => boolean;
  /** The rows that lead to what is served now: those of what was refused are the last good ones. */
  rows: () => ServedRow[];
  /** Artefacts that are refused at present. */
  refused: () => number;
}

/** Artefacts that are loaded at the same time. */
const MOST_AT_ONCE = 4;
/** What decides is loaded before what only scores. */
const URGENCY = { active: 0, canary: 0, shadow: 1 } as const;

type Group = readonly [ServedRow, ...ServedRow[]];

interface Entry extends Composed {
  fingerprint: string;
  summary: string;
}

export function createCatalogue(options: CatalogueOptions): Catalogue {
  const { onRefused, onLoaded } = options;
  const versions = createLoadedVersions(options);
  const served = new Map<string, Entry>();
  /** Configurations that cannot be read, by policy, as they were stored. */
  const unreadable = new Map<string, string>();
  let wanted: ReadonlyMap<string, Group> = new Map();
  let loaded = false;
  let changes = 0;
  /** Artefacts that are being loaded. */
  const loading = new Set<string>();
  let idle = Promise.withResolvers<void>();

  function take(rows: readonly ServedRow[]): void {
    wanted = groupsOf(rows);
    versions.keepOnly(rows);
    for (const row of rows) if (row.version !== null) versions.want(row);
    for (const key of [...served.keys(), ...unreadable.keys()]) {
      if (wanted.has(key)) continue;
      unreadable.delete(key);
      if (served.delete(key)) changes += 1;
    }
    for (const [key, group] of wanted) compose(key, group);
    loaded = true;
  }

  /** Serves a policy as it is stored, as far as it is loaded. */
  function compose(key: string, group: Group): void {
    const [first] = group;
    const before = served.get(key);
    const fingerprint = group.map(fingerprintOf).join(' ');
    if (before?.fingerprint === fingerprint) return;
    const readable = readableOf(key, group, before);
    if (!readable) return;
    const composed = composePolicy(readable.group, readable.configuration, versions, before);
    const summary = `${first.policy_row} ${summaryOf(composed.policy)}`;
    served.set(key, { ...composed, fingerprint, summary });
    changes += 1;
    // Not when there is only something to load.
    if (summary !== before?.summary) onLoaded(first.tenant_id, composed.policy);
  }

  /** The policy with the last configuration that could be read, but with nothing that was taken away meanwhile. */
  function readableOf(key: string, group: Group, before: Entry | undefined) {
    const [first, ...others] = group;
    const configuration = policyConfigurationSchema.safeParse(first.policy_configuration);
    if (configuration.success) {
      unreadable.delete(key);
      return { group, configuration: configuration.data };
    }
    if (unreadable.get(key) !== first.policy_row) {
      onRefused(`tenant ${first.tenant_id}, configuration of policy ${first.policy}`, configuration.error);
    }
    unreadable.set(key, first.policy_row);
    const [rowBefore] = before?.rows ?? [];
    if (!before || !rowBefore) return undefined;
    const { policy_configuration, policy_row } = rowBefore;
    const asBefore = (row: ServedRow): ServedRow => ({ ...row, policy_configuration, policy_row });
    const readable: Group = [asBefore(first), ...others.map(asBefore)];
    return { group: readable, configuration: before.policy.configuration };
  }

  /** Differs when anything differs that a decision depends on; configurations of versions never change. */
  function fingerprintOf(row: ServedRow): string {
    const found = versions.find(row)?.row;
    const artefacts = `${row.checkpoint}/${row.sha256}/${found?.checkpoint}/${found?.sha256}/${versions.isRefused(row)}`;
    return `${row.policy_row}/${row.version}/${row.status}/${artefacts}/${row.canary_share}/${row.salt}/${row.beside_baseline}`;
  }

  /** What is to be loaded next: what decides, then what has waited longest. */
  function nextDue(): ServedRow | undefined {
    let next: ServedRow | undefined;
    let [leastUrgency, leastSince] = [Infinity, Infinity];
    for (const group of wanted.values()) {
      for (const row of neededOf(group, versions)) {
        if (loading.has(artefactOf(row)) || !versions.isDue(row)) continue;
        const since = versions.waitsSince(row);
        const urgency = URGENCY[row.status ?? 'shadow'];
        if (urgency > leastUrgency || (urgency === leastUrgency && since >= leastSince)) continue;
        [next, leastUrgency, leastSince] = [row, urgency, since];
      }
    }
    return next;
  }

  /** Begins to load what is missing, a few at a time. */
  function loadMore(): void {
    while (loading.size < MOST_AT_ONCE) {
      const row = nextDue();
      if (!row) break;
      loading.add(artefactOf(row));
      void loadOne(row);
    }
    if (loading.size > 0) return;
    idle.resolve();
    idle = Promise.withResolvers();
  }

  async function loadOne(row: ServedRow): Promise<void> {
    const key = keyOf(row.tenant_id, row.policy);
    const wantedNow = () => wanted.get(key)?.find(({ version }) => version === row.version);
    await versions.load(row, wantedNow);
    loading.delete(artefactOf(row));
    const group = wanted.get(key);
    if (group) compose(key, group);
    loadMore();
  }

  return {
    find: (tenantId, policy) => served.get(keyOf(tenantId, policy))?.policy,
    get loaded() {
      return loaded;
    },
    take,
    load() {
      const { promise } = idle;
      loadMore();
      return promise;
    },
    get changes() {
      return changes;
    },
    remember: versions.remember,
    isLoaded: (row) => versions.find(row) !== undefined,
    rows: () => Array.from(served.values(), (entry) => entry.rows).flat(),
    refused: () => versions.refused() + unreadable.size,
  };
}

/** Differs when anything else is served. */
function summaryOf({ active, canary, shadows, degraded }: ServedPolicy): string {
  const scored = [active, canary?.version, ...shadows].map((one) => one && [one.version, one.checkpoint]);
  return JSON.stringify([scored, canary?.share, canary?.salt, degraded]);
}

function groupsOf(rows: readonly ServedRow[]): Map<string, Group> {
  // Groups have at least one row.
  return Map.groupBy(rows, (row) => keyOf(row.tenant_id, row.policy)) as Map<string, ServedRow[]> &
    Map<string, Group>;
}

function keyOf(tenantId: string, policy: string): string {
  return `${tenantId}/${policy}`;
}
