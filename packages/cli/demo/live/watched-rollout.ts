import { setTimeout as sleep } from 'node:timers/promises';
import type { RolloutDetails } from '@rlaas/schemas';
import { type Client, Refused } from '../client.ts';
import { POLICY } from './digits-policy.ts';

const LOOK_MS = 300;

/** A rollout, looked at while the application runs. */
export interface WatchedRollout {
  /** As it was last seen. */
  readonly current: RolloutDetails;
  stop: () => Promise<void>;
}

/** @param onStep told of each step, once */
export async function watchRollout(
  client: Client,
  id: string,
  onStep: (rollout: RolloutDetails) => void,
): Promise<WatchedRollout> {
  let current = await client.get<RolloutDetails>(`/v1/rollouts/${id}`);
  const halt = new AbortController();
  const look = async (): Promise<void> => {
    while (!halt.signal.aborted) {
      await sleep(LOOK_MS);
      const seen = await client.get<RolloutDetails>(`/v1/rollouts/${id}`);
      const isNew = seen.revision !== current.revision;
      current = seen;
      if (isNew) onStep(seen);
    }
  };
  const looking = look();
  // Whoever waits for it hears of it; until then it is no fault of nobody.
  looking.catch(() => undefined);
  return {
    get current() {
      return current;
    },
    async stop() {
      halt.abort();
      await looking;
    },
  };
}

/** Begins the rollout of a version; one that goes on already is taken up, as after an answer that was lost. */
export async function beginRollout(client: Client, version: string): Promise<RolloutDetails> {
  try {
    return await client.post<RolloutDetails>('/v1/rollouts', { policy: POLICY, version });
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 409) throw error;
    const { items } = await client.get<{ items: RolloutDetails[] }>(
      `/v1/rollouts?policy=${POLICY}&open=true`,
    );
    const open = items.find((rollout) => rollout.version === version);
    if (!open) throw error;
    return client.get<RolloutDetails>(`/v1/rollouts/${open.id}`);
  }
}
