import type { Interruptions } from './commands/dev.ts';

/** Turns SIGINT, SIGTERM and SIGHUP of this process into the first and the second interruption. */
export function listenForInterruptions(): Interruptions {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let count = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      count += 1;
      if (count === 1) first.resolve();
      else second.resolve();
    });
  }
  return { first: first.promise, second: second.promise };
}
