/** What was acquired and must be given back, whatever happens in between. */
export interface Releases {
  /**
   * Acquires something and arranges its release. When everything is released meanwhile, this is too, as soon as it
   * is there.
   * @throws Error when the release has begun already; then nothing is started
   */
  acquire<T>(start: () => Promise<T>, release: (acquired: T) => Promise<void>): Promise<T>;
  /**
   * Releases all in the opposite order, those that are still being acquired included. Idempotent.
   * @throws AggregateError when something could not be released; the others are all the same
   */
  releaseAll(): Promise<void>;
}

export function createReleases(): Releases {
  const held: (() => Promise<void>)[] = [];
  const pending = new Set<Promise<unknown>>();
  let releasing: Promise<void> | undefined;

  const releaseHeld = async (): Promise<void> => {
    const failures: unknown[] = [];
    while (held.length > 0 || pending.size > 0) {
      // First what is still being acquired: it may need what is held already, to start and to stop.
      await Promise.allSettled(pending);
      try {
        await held.pop()?.();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be released');
  };

  return {
    async acquire(start, release) {
      if (releasing) throw new Error('nothing is acquired any more');
      const acquiring = (async () => {
        const acquired = await start();
        held.push(() => release(acquired));
        return acquired;
      })();
      pending.add(acquiring);
      try {
        return await acquiring;
      } finally {
        pending.delete(acquiring);
      }
    },
    releaseAll: () => (releasing ??= releaseHeld()),
  };
}
