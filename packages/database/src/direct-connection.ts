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
 * Whether a notification from elsewhere reaches an idle connection to `url`. Behind a pooler LISTEN succeeds and then
 * hears nothing; it may even hear what the same connection sends itself, so the proof comes from a second one.
 * @param waitMs longest wait for the notification
 */
export async function hearsNotifications(url: string, waitMs = 1_000): Promise<boolean> {
  const channel = `rlaas_probe_${newId(Date.now()).replaceAll('-', '')}`;
  const [listener, sender] = [url, url].map((connectionString) => {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    return client;
  }) as [pg.Client, pg.Client];
  const abort = new AbortController();
  let heard = false;
  listener.on('notification', (message) => {
    if (message.channel !== channel) return;
    heard = true;
    abort.abort();
  });
  try {
    await Promise.all([listener.connect(), sender.connect()]);
    if (!(await isDirect(listener))) return false;
    await listener.query(`listen ${channel}`);
    await sender.query(`notify ${channel}`);
    // Aborted as soon as it is heard: then there is nothing left to wait for.
    if (!heard) await sleep(waitMs, undefined, { signal: abort.signal }).catch(() => undefined);
    return heard;
  } finally {
    await Promise.all([listener.end(), sender.end()]);
  }
}
