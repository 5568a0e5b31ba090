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

export function createPolicyWatch(options: PolicyWatchOptions): PolicyWatch {
  const { catalogue, models, memory, load, pause, isTold, onFailure } = options;
  const halt = new AbortController();
  let nap = new AbortController();
  let again = false;
  let running: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    let rows: ServedRow[];
    try {
      rows = await load();
    } catch (error) {
      onFailure(error, 'load');
      return;
    }
    if (!(await catalogue.apply(rows))) return;
    try {
      const kept = catalogue.rows();
      await memory.save(kept);
      await models.keepOnly(new Set(kept.flatMap(({ sha256 }) => sha256 ?? [])));
    } catch (error) {
      // Served all the same; what is lost is only that it survives a restart while Postgres is away.
      onFailure(error, 'keep');
    }
  }

  async function run(): Promise<void> {
    while (!halt.signal.aborted) {
      again = false;
      await refresh();
      if (again || halt.signal.aborted) continue;
      nap = new AbortController();
      await pause(isTold() ? EACH_MS_WHEN_TOLD : EACH_MS, AbortSignal.any([halt.signal, nap.signal]));
    }
  }

  return {
    async begin() {
      const kept = await memory.load();
      // The row of the policy is looked at anew when Postgres answers: it may be another Postgres.
      if (kept) await catalogue.apply(kept.map((row) => Object.assign(row, { policy_row: 'from disk' })));
      await refresh();
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
    },
  };
}
