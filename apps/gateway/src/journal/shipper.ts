import type { IngestAnswer } from '@rlaas/schemas';
import type { RejectedDecision } from './set-aside.ts';
import type { OpenShipment, Refusal, ShipmentSource } from './shipment-source.ts';

/** What became of a request to the collector. */
export type Sent =
  | { kind: 'answered'; answer: IngestAnswer }
  /** It took nothing. `pauseMs`: how long it wants to be left alone. */
  | { kind: 'refused'; status: number; code: string; message: string; pauseMs: number };

/**
 * Sends events of one tenant to the collector.
 * @param body `{"events":[…]}` as JSON
 * @throws when no answer came, or the signal was aborted
 */
export type Send = (tenantId: string, body: Buffer<ArrayBuffer>, signal: AbortSignal) => Promise<Sent>;

export interface ShipperOptions {
  shipments: ShipmentSource;
  send: Send;
  /** The journal's; called each second. */
  tidy: () => Promise<void>;
  now: () => number;
  /** Ends early when the signal is aborted. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** So long it goes on shipping once it is told to stop. */
  stopMs: number;
  onShipped: (entries: number) => void;
  /** Something did not get through, or the disk refused; it is tried again. */
  onFailure: (error: unknown, tenantId: string | undefined) => void;
  /** The collector refused a decision for good; it was set aside. */
  onRejected: (decision: RejectedDecision) => void;
}

/** Brings the journal to the collector, for as long as it takes. */
export interface Shipper {
  start: () => void;
  /** Ships what is there, once, within the time for that. What does not get through stays in the journal. */
  stop: () => Promise<void>;
}

/** Requests on their way at once, each for another tenant. */
const AT_ONCE = 4;
const IDLE_MS = 50;
const TIDY_MS = 1_000;
/** About the body as such: with fewer decisions it may be taken. */
const BODY_STATUS: ReadonlySet<number> = new Set([400, 413, 422]);
const BODY_CODES: ReadonlySet<string> = new Set(['invalid_json', 'body_too_large']);

export function createShipper(options: ShipperOptions): Shipper {
  const { shipments, send, tidy, now, pause, stopMs, onShipped, onFailure, onRejected } = options;
  const halt = new AbortController();
  const deadline = new AbortController();
  const underWay = new Set<Promise<void>>();
  let running: Promise<void> | undefined;
  let tidiedAt = 0;

  async function run(): Promise<void> {
    while (!halt.signal.aborted) {
      await tidyNow();
      if (!(await shipNext())) await pause(IDLE_MS, halt.signal);
    }
    // Whoever fails now pauses beyond this loop; no one is waited for.
    while (!deadline.signal.aborted && ((await shipNext()) || underWay.size > 0)) {
      if (underWay.size > 0) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    await tidyNow();
  }

  /** @returns false when there is nothing to do at present */
  async function shipNext(): Promise<boolean> {
    if (underWay.size >= AT_ONCE) {
      await Promise.race(underWay);
      return true;
    }
    try {
      const shipment = await shipments.next();
      if (!shipment) return false;
      const done = bring(shipment).finally(() => underWay.delete(done));
      underWay.add(done);
    } catch (error) {
      onFailure(error, undefined);
    }
    return true;
  }

  async function bring(shipment: OpenShipment): Promise<void> {
    const { tenantId } = shipment;
    try {
      const sent = await send(tenantId, shipment.body, deadline.signal);
      if (sent.kind === 'answered') take(shipment, sent.answer);
      else refused(shipment, sent);
    } catch (error) {
      // No answer.
      shipment.failed(0);
      onFailure(error, tenantId);
    }
  }

  function take(shipment: OpenShipment, { counts, results }: IngestAnswer): void {
    if (counts.retry > 0) {
      // All come again: those that were stored are duplicates then.
      const code = results.find(({ status }) => status === 'retry')?.code ?? 'retry';
      const what = `${counts.retry} of ${counts.received} decisions`;
      shipment.failed(0);
      onFailure(new Error(`the collector could not store ${what}: ${code}`), shipment.tenantId);
      return;
    }
    const refusals = results
      .filter(({ status }) => status === 'rejected')
      .map(({ index, code = 'rejected', message }) => ({ index, code, message }));
    settle(shipment, refusals);
  }

  function refused(
    shipment: OpenShipment,
    { status, code, message, pauseMs }: Extract<Sent, { kind: 'refused' }>,
  ): void {
    if (BODY_STATUS.has(status) && shipment.halved()) return;
    // A single decision of which the collector itself says that it cannot be read. Whoever else may stand in between and
    // answers so may be mended; nothing is given up for that.
    if (BODY_STATUS.has(status) && BODY_CODES.has(code))
      return settle(shipment, [{ index: 0, code, message }]);
    shipment.failed(pauseMs);
    onFailure(new Error(`the collector answered ${status} ${code}: ${message}`), shipment.tenantId);
  }

  function settle(shipment: OpenShipment, refusals: readonly Refusal[]): void {
    try {
      for (const rejected of shipment.shipped(refusals)) onRejected(rejected);
      onShipped(shipment.entries - refusals.length);
    } catch (error) {
      onFailure(error, shipment.tenantId);
    }
  }

  async function tidyNow(): Promise<void> {
    if (now() - tidiedAt < TIDY_MS && !halt.signal.aborted) return;
    tidiedAt = now();
    try {
      await tidy();
    } catch (error) {
      onFailure(error, undefined);
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      halt.abort();
      const over = new AbortController();
      void pause(stopMs, over.signal).then(() => deadline.abort());
      await running;
      over.abort();
    },
  };
}
