import type { FastifyBaseLogger } from 'fastify';
import type { KeyMemory, RememberedKey } from './key-memory.ts';

const INTERVAL_MS = 1000;

export interface MemoryWriter {
  /** Something changed: it will be saved within a second, with all that changes until then. */
  changed(): void;
  /** Saves what is not saved yet. */
  flush(): Promise<void>;
}

/** Saves the known keys at most once a second, and one save at a time. */
export function createMemoryWriter(
  memory: KeyMemory,
  snapshot: () => RememberedKey[],
  logger: FastifyBaseLogger,
): MemoryWriter {
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();

  return {
    changed() {
      timer ??= setTimeout(() => void write(), INTERVAL_MS).unref();
    },
    async flush() {
      await (timer === undefined ? saving : write());
    },
  };

  function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    saving = saving.then(save);
    return saving;
  }

  async function save(): Promise<void> {
    try {
      await memory.save(snapshot());
    } catch (error) {
      // Serving goes on; what is lost is only that known keys survive a restart during an outage.
      logger.error({ err: error }, 'the known keys could not be saved');
    }
  }
}
