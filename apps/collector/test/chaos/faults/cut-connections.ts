import type { Fault } from '../world/world.ts';

/** The connection breaks before Postgres gets the COMMIT, or after it had it and before its answer came back; or all do. */
export const cutConnections: Fault = async ({ proxy, random, pause }) => {
  const when = random.pick(['before', 'after', 'after', 'all'] as const);
  if (when === 'all') {
    proxy.cutAll();
    return;
  }
  const end = proxy.cutOn('commit\0', when, random.int(1, 3));
  try {
    await pause(random.int(50, 250));
  } finally {
    end();
  }
};
