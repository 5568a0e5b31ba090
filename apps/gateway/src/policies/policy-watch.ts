import type { ServedRow } from '../store/served-policies.ts';
import type { Catalogue } from './catalogue.ts';
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
  /** Whether everything was loaded once. Until then the last good copies on the disk may be all there is. */
  let isFilled = false;
  let isKept = true;
  let keeping: Promise<void> | undefined;

  /** Takes over what is stored, with what is loaded. */
  async function refresh(): Promise<void> {
    try {
      wanted = await load();
    } catch (error) {
      onFailure(error, 'load');
      return;
    }
    if (catalogue.take(wanted)) keep();
  }

  /** Loads what is missing, however long that takes. */
  async function loadMissing(): Promise<void> {
    const changed = await catalogue.load();
    if (!changed && isFilled) return;
    isFilled = true;
    keep();
  }

  async function loadForAWhile(): Promise<void> {
    const done = new AbortController();
    await Promise.race([loadMissing(), pause(BEGIN_MS, AbortSignal.any([halt.signal, done.signal]))]);
    done.abort();
  }

  /** Writes down what is served now, and what has changed until that is done. */
  function keep(): void {
    if (!isFilled) return;
    isKept = false;
    keeping ??= keepAll();
  }

  async function keepAll(): Promise<void> {
    while (!isKept) {
      isKept = true;
      const kept = catalogue.rows();
      try {
        await memory.save(kept);
        // Also what is to be loaded: it may just have come.
        await models.keepOnly(new Set([...kept, ...wanted].flatMap(({ sha256 }) => sha256 ?? [])));
      } catch (error) {
        // Served all the same; what is lost is only that it survives a restart while Postgres is away.
        onFailure(error, 'keep');
      }
    }
    keeping = undefined;
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
      const kept = await memory.load();
      // The row of the policy is looked at anew when Postgres answers: it may be another Postgres.
      if (kept) {
        catalogue.take(kept.map((row) => Object.assign(row, { policy_row: 'from disk' })));
        await loadForAWhile();
      }
      await refresh();
      // What is newer than on the disk can come later.
      if (!kept) await loadForAWhile();
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
