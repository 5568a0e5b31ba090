import { setTimeout as sleep } from 'node:timers/promises';

/** Asks an installation as a careful application does: what got no answer is asked again with the same ids. */
export interface Client {
  get: <T>(path: string) => Promise<T>;
  post: <T>(path: string, body: object) => Promise<T>;
  put: <T>(path: string, body: object) => Promise<T>;
}

/** A request that was refused for good. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refused';
    this.status = status;
  }
}

const GIVE_UP_MS = 60_000;
const AGAIN_MS = 100;

/** @param onAgain told each time that something is asked again */
export function createClient(origin: string, key: string, onAgain: () => void = () => undefined): Client {
  async function once(method: string, path: string, body: object | undefined): Promise<unknown> {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as unknown;
    const reason = `${method} ${path}: ${response.status} ${text}`;
    // A policy that was just made is known to gateways within 2 s; until then it is 404.
    const mayPass = response.status >= 500 || response.status === 429 || response.status === 404;
    throw mayPass ? new Error(reason) : new Refused(response.status, reason);
  }

  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const deadline = Date.now() + GIVE_UP_MS;
    for (;;) {
      try {
        return (await once(method, path, body)) as T;
      } catch (error) {
        if (error instanceof Refused || Date.now() > deadline) throw error;
        onAgain();
        await sleep(AGAIN_MS);
      }
    }
  }

  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    put: (path, body) => ask('PUT', path, body),
  };
}
