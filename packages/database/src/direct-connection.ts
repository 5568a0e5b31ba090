import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { newId } from './ids.ts';

/**
 * Whether a connected client talks to a server process of its own. A pooler answers the handshake itself and makes up
 * the process id in it, so the id that the server then reports is another one.
 */
export async function isDirect(client: pg.Client): Promise<boolean> {
  const announced = (client as pg.Client & { processID: number | null }).processID;
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return announced === rows[0]?.pid;
}

/**
 * Whether LISTEN works on this connection, proved by a notification to ourselves. Behind a pooler LISTEN succeeds and
 * then hears nothing.
 * @param waitMs longest wait for our own notification
 */
export async function hearsNotifications(client: pg.Client, waitMs = 1_000): Promise<boolean> {
  const channel = `rlaas_probe_${newId(0).replaceAll('-', '')}`;
  const abort = new AbortController();
  let heard = false;
  const listener = (message: pg.Notification): void => {
    if (message.channel !== channel) return;
    heard = true;
    abort.abort();
  };
  client.on('notification', listener);
  try {
    await client.query(`listen ${channel}`);
    await client.query(`notify ${channel}`);
    // Aborted as soon as it is heard: then there is nothing left to wait for.
    if (!heard) await sleep(waitMs, undefined, { signal: abort.signal }).catch(() => undefined);
    await client.query(`unlisten ${channel}`);
    return heard;
  } finally {
    client.off('notification', listener);
  }
}
