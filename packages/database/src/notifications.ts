import pg from 'pg';
import { hearsNotifications } from './direct-connection.ts';

export interface NotificationsOptions {
  /** Past a pooler; behind one nothing is heard, which is found out before anything relies on it. */
  url: string;
  channel: string;
  applicationName: string;
  onNotification: () => void;
  /** Whether notifications arrive from now on; why not, where something failed. */
  onState: (hears: boolean, error?: unknown) => void;
  /** Ends early when the signal is aborted. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Listens to a channel, anew whenever the connection is lost. */
export interface Notifications {
  /** Whether notifications arrive, as far as is known. */
  readonly hears: boolean;
  start: () => void;
  stop: () => Promise<void>;
}

const RETRY_MS = 10_000;
/** A pooler does not turn into a direct connection by itself: asked again now and then only. */
const UNHEARD_RETRY_MS = 300_000;
const KEEP_ALIVE_MS = 10_000;

export function createNotifications(options: NotificationsOptions): Notifications {
  const { url, channel, applicationName, onNotification, onState, pause } = options;
  if (!/^[a-z_]{1,63}$/.test(channel)) throw new RangeError(`"${channel}" is no name of a channel`);
  const halt = new AbortController();
  let hears = false;
  let running: Promise<void> | undefined;

  function become(state: boolean, error?: unknown): void {
    if (state === hears && error === undefined) return;
    hears = state;
    onState(state, error);
  }

  /** Listens until the connection is lost. @returns false when notifications do not arrive here at all */
  async function listen(): Promise<boolean> {
    if (!(await hearsNotifications(url))) return false;
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    const lost = Promise.withResolvers<Error | undefined>();
    client.on('error', (error) => lost.resolve(error));
    client.on('end', () => lost.resolve(undefined));
    client.on('notification', (message) => {
      if (message.channel === channel) onNotification();
    });
    const onHalt = (): void => lost.resolve(undefined);
    halt.signal.addEventListener('abort', onHalt);
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      become(true);
      // What was told while nobody listened.
      onNotification();
      const error = halt.signal.aborted ? undefined : await lost.promise;
      become(false, error);
    } finally {
      halt.signal.removeEventListener('abort', onHalt);
      await client.end();
    }
    return true;
  }

  async function run(): Promise<void> {
    while (!halt.signal.aborted) {
      let wait = RETRY_MS;
      try {
        if (!(await listen())) wait = UNHEARD_RETRY_MS;
      } catch (error) {
        become(false, error);
      }
      await pause(wait, halt.signal);
    }
  }

  return {
    get hears() {
      return hears;
    },
    start() {
      running ??= run();
    },
    async stop() {
      halt.abort();
      await running;
    },
  };
}
