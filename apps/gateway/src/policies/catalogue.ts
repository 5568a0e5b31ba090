import { createLinearPolicy, decodeCheckpoint, emptyPolicyState, unsupported } from '@rlaas/learning';
import type { ObjectStore } from '@rlaas/object-store';
import { policyConfigurationSchema, versionConfigurationSchema } from '@rlaas/schemas';
import type { ServedRow } from '../store/served-policies.ts';
import type { ServedPolicy } from './served-policy.ts';

export interface CatalogueOptions {
  load: () => Promise<ServedRow[]>;
  store: Pick<ObjectStore, 'get'>;
  /** Ends early when the signal is aborted. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Something could not be loaded; what was served before is served on. */
  onFailure: (error: unknown, what: string) => void;
  onLoaded: (tenantId: string, policy: ServedPolicy) => void;
}

/** What the gateway serves, in memory, looked at anew each second. */
export interface Catalogue {
  find(tenantId: string, policy: string): ServedPolicy | undefined;
  /** Whether it was loaded at least once. */
  readonly loaded: boolean;
  refresh(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const EACH_MS = 1_000;

export function createCatalogue(options: CatalogueOptions): Catalogue {
  const { load, store, pause, onFailure, onLoaded } = options;
  let served = new Map<string, { row: ServedRow; policy: ServedPolicy }>();
  let loaded = false;
  let running: Promise<void> | undefined;
  const halt = new AbortController();

  async function refresh(): Promise<void> {
    let rows: ServedRow[];
    try {
      rows = await load();
    } catch (error) {
      onFailure(error, 'policies');
      return;
    }
    const next = new Map<string, { row: ServedRow; policy: ServedPolicy }>();
    for (const row of rows) {
      const key = keyOf(row.tenant_id, row.policy);
      const before = served.get(key);
      if (before && isSame(before.row, row)) {
        next.set(key, before);
        continue;
      }
      try {
        const policy = await build(row);
        next.set(key, { row, policy });
        onLoaded(row.tenant_id, policy);
      } catch (error) {
        onFailure(error, `policy ${row.policy}, version ${row.version}, checkpoint ${row.checkpoint}`);
        // The last good one; its old row makes sure that the new one is tried again.
        if (before) next.set(key, before);
      }
    }
    served = next;
    loaded = true;
  }

  async function build(row: ServedRow): Promise<ServedPolicy> {
    const common = {
      name: row.policy,
      configuration: policyConfigurationSchema.parse(row.policy_configuration),
    };
    if (row.version === null) return { ...common, active: undefined, degraded: undefined };
    const configuration = versionConfigurationSchema.parse(row.version_configuration);
    const missing = unsupported(configuration);
    if (missing !== undefined) {
      return { ...common, active: undefined, degraded: `version ${row.version} wants ${missing}` };
    }
    const state =
      row.object_key === null
        ? emptyPolicyState(configuration)
        : await fetchState(row.object_key, row.sha256);
    return {
      ...common,
      active: {
        version: row.version,
        policy: createLinearPolicy(configuration),
        state,
        checkpoint: row.checkpoint,
      },
      degraded: undefined,
    };
  }

  async function fetchState(key: string, sha256: string | null) {
    const object = await store.get(key);
    if (!object) throw new Error(`there is no object ${key}`);
    if (object.sha256 !== sha256) throw new Error(`object ${key} is not the one that was registered`);
    const chunks: Buffer[] = [];
    // Reading to the end checks the content against its checksum.
    for await (const chunk of object.body) chunks.push(chunk as Buffer);
    return decodeCheckpoint(Buffer.concat(chunks)).state;
  }

  return {
    find: (tenantId, policy) => served.get(keyOf(tenantId, policy))?.policy,
    get loaded() {
      return loaded;
    },
    refresh,
    start() {
      running ??= (async () => {
        while (!halt.signal.aborted) {
          await refresh();
          await pause(EACH_MS, halt.signal);
        }
      })();
    },
    async stop() {
      halt.abort();
      await running;
    },
  };
}

function keyOf(tenantId: string, policy: string): string {
  return `${tenantId}/${policy}`;
}

function isSame(a: ServedRow, b: ServedRow): boolean {
  return (
    a.version === b.version &&
    a.checkpoint === b.checkpoint &&
    JSON.stringify(a.policy_configuration) === JSON.stringify(b.policy_configuration)
  );
}
