import type { ServedRow } from '../store/served-policies.ts';
import type { Catalogue } from './catalogue.ts';
import { versionKeyOf } from './loaded-versions.ts';
import type { Models } from './models.ts';
import type { PolicyMemory } from './policy-memory.ts';

export interface PolicyWatchOptions {
  catalogue: Catalogue;
  models: Pick<Models, 'keepOnly'>;
  memory: PolicyMemory;
  load: () => Promise<ServedRow[]>;
  /** Ends early when the signal is aborted. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Whether changes are told; then it is looked only now and then. */
  isTold: () => boolean;
  onFailure: (error: unknown, what: 'load' | 'keep') => void;
}

/** Keeps the catalogue equal to what is stored, and on disk what it needs without Postgres. */
export interface PolicyWatch {
  /** Fills the catalogue from disk, and then from Postgres where that answers. */
  begin: () => Promise<void>;
  start: () => void;
  /** Something changed: looks at once. */
  look: () => void;
  stop: () => Promise<void>;
}

const EACH_MS = 1_000;
/** Though changes are told: a connection can be dead for long before anybody notices. */
const EACH_MS_WHEN_TOLD = 5_000;

/** How long the beginning waits for what has to be loaded: what takes longer is served when it is there. */
const BEGIN_MS = 10_000;

export function createPolicyWatch(options: PolicyWatchOptions): PolicyWatch {
  const { catalogue, models, memory, load, pause, isTold, onFailure } = options;
  const halt = new AbortController();
  let nap = new AbortController();
  let again = false;
  let running: Promise<void> | undefined;
  let wanted: ServedRow[] = [];
  /** What the disk said at the beginning: until the newer artefacts are loaded it may be all there is. */
  let former: readonly ServedRow[] = [];
  /** Which of the catalogue's changes are on the disk. */
  let kept = -1;
  let keeping: Promise<void> | undefined;
  /** Artefacts whose copies are needed, as of a change: there are as many files as versions. */
  let needed = { changes: -1, wanted, artefacts: new Set<string>() };
  /** Whether somebody waits for everything to be loaded. */
  let isWaiting = false;

  /** Takes over what is stored, with what is loaded. */
  async function refresh(): Promise<void> {
    try {
      wanted = await load();
    } catch (error) {
      onFailure(error, 'load');
      return;
    }
    catalogue.take(wanted);
    keep();
  }

  /** Writes down what is served, when that is not what is on the disk. */
  function keep(): void {
    if (catalogue.changes !== kept) keeping ??= keepNow();
  }

  async function keepNow(): Promise<void> {
    try {
      while (catalogue.changes !== kept) {
        const { changes } = catalogue;
        await memory.save(rowsToKeep());
        await models.keepOnly(isNeeded);
        kept = changes;
      }
    } catch (error) {
      // Served all the same; what is lost until it succeeds is only that it survives a restart while Postgres is away.
      onFailure(error, 'keep');
    } finally {
      keeping = undefined;
    }
  }

  /** Whether a copy is needed as it is now: what is wanted, or served, may change while copies are removed. */
  function isNeeded(sha256: string): boolean {
    if (needed.changes !== catalogue.changes || needed.wanted !== wanted) {
      const artefacts = [...rowsToKeep(), ...wanted].flatMap((row) => row.sha256 ?? []);
      needed = { changes: catalogue.changes, wanted, artefacts: new Set(artefacts) };
    }
    return needed.artefacts.has(sha256);
  }

  /** What is served, and what was, of versions that may be and are not loaded yet. */
  function rowsToKeep(): ServedRow[] {
    const allowed = new Map(wanted.map((row) => [versionKeyOf(row), row]));
    const missing = new Map(
      former.flatMap((row): [string, ServedRow][] => {
        const key = versionKeyOf(row);
        const now = allowed.get(key);
        if (row.version === null || !now || catalogue.isLoaded(now)) return [];
        const { checkpoint, object_key, sha256 } = row;
        return [[key, { ...now, checkpoint, object_key, sha256 }]];
      }),
    );
    const served = catalogue.rows().filter((row) => !missing.has(versionKeyOf(row)));
    return [...served, ...missing.values()];
  }

  /** Loads what is missing, however long that takes. */
  async function loadMissing(): Promise<void> {
    const loading = catalogue.load();
    if (isWaiting) return;
    isWaiting = true;
    await loading;
    isWaiting = false;
    keep();
  }

  async function loadForAWhile(): Promise<void> {
    const done = new AbortController();
    await Promise.race([loadMissing(), pause(BEGIN_MS, AbortSignal.any([halt.signal, done.signal]))]);
    done.abort();
  }

  async function run(): Promise<void> {
    while (!halt.signal.aborted) {
      again = false;
      await refresh();
      // Nobody waits for it: what is taken away meanwhile is taken away at once.
      void loadMissing();
      if (again || halt.signal.aborted) continue;
      nap = new AbortController();
      await pause(isTold() ? EACH_MS_WHEN_TOLD : EACH_MS, AbortSignal.any([halt.signal, nap.signal]));
    }
  }

  return {
    async begin() {
      const onDisk = await memory.load();
      if (onDisk) {
        // The row of the policy is looked at anew when Postgres answers: it may be another Postgres.
        former = onDisk.map((row) => Object.assign(row, { policy_row: 'from disk' }));
        wanted = [...former];
        catalogue.remember(former);
        catalogue.take(wanted);
        await loadForAWhile();
      }
      await refresh();
      // What is newer than on the disk can come later.
      if (!onDisk) await loadForAWhile();
      keep();
      await keeping;
    },
    start() {
      running ??= run();
    },
    look() {
      again = true;
      nap.abort();
    },
    async stop() {
      halt.abort();
      await running;
      await keeping;
    },
  };
}
