import { Agent } from 'node:http';
import { goodRequest } from './good-request.ts';
import type { Told } from './told.ts';

const EVERY_MS = 100;
const BATCH = 5;

/** A client of another tenant that does all as it should while others attack. */
export interface GoodClient {
  /** What it got other than 200, each with its time. */
  readonly failures: readonly string[];
  readonly requests: number;
  /** Milliseconds that answers took: half of them at most `p50`. */
  latency(): { p50: number; p99: number; max: number };
  /** Ends when all that it sent is answered. */
  stop(): Promise<void>;
}

/** Sends every 100 ms, whether the last answer has come or not: whoever waits hides how long others would have waited. */
export function startGoodClient(origin: string, key: string, told: Told): GoodClient {
  const agent = new Agent({ keepAlive: true });
  const [failures, took]: [string[], number[]] = [[], []];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();

  async function send(): Promise<void> {
    const ending = await goodRequest({ origin, key, events: BATCH, agent });
    took.push(ending.ms);
    const wrong =
      ending.kind === 'answered' && ending.status === 200
        ? told.read(ending.status, ending.body)
        : ending.kind === 'answered'
          ? `${ending.status} ${ending.body.slice(0, 200)}`
          : ending.kind === 'closed'
            ? `closed: ${ending.reason}`
            : 'no answer';
    if (wrong !== undefined) {
      failures.push(`after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s: ${wrong}`);
    }
  }

  const timer = setInterval(() => {
    const sent = send().finally(() => underWay.delete(sent));
    underWay.add(sent);
  }, EVERY_MS);
  return {
    failures,
    get requests() {
      return took.length;
    },
    latency() {
      const sorted = took.toSorted((a, b) => a - b);
      const at = (share: number): number =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
      return { p50: at(0.5), p99: at(0.99), max: at(1) };
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      agent.destroy();
    },
  };
}
