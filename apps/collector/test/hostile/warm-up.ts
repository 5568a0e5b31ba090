import { Agent } from 'node:http';
import { atOnce } from './attack.ts';
import { goodRequest } from './good-request.ts';
import type { Told } from './told.ts';

const REQUESTS = 1_000;
const CLIENTS = 8;
const BATCH = 100;

/**
 * Ordinary traffic for some seconds, so that the collector has the memory that it has in use: compiled code, buffers,
 * and the garbage that a runtime lets lie while there is room.
 * @throws Error when it is not answered as ordinary traffic is
 */
export async function warmUp(origin: string, key: string, told: Told): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const send = async (): Promise<void> => {
    const ending = await goodRequest({ origin, key, events: BATCH, agent });
    if (ending.kind !== 'answered' || ending.status !== 200)
      throw new Error(`not warm: ${JSON.stringify(ending)}`);
    const wrong = told.read(ending.status, ending.body);
    if (wrong !== undefined) throw new Error(`not warm: ${wrong}`);
  };
  await atOnce(
    CLIENTS,
    Array.from({ length: REQUESTS }, () => send),
  );
  agent.destroy();
}
