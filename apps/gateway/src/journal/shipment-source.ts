import { BodyBuffers } from './body-buffers.ts';
import type { Chunks } from './chunks.ts';
import type { Lane, Lanes } from './lanes.ts';
import type { Segments } from './segments.ts';
import type { RejectedDecision } from './set-aside.ts';
import { type Shipment, nextShipment } from './shipment.ts';

/** What the collector refused for good. */
export interface Refusal {
  /** Which of the shipment, from 0. */
  index: number;
  code: string;
  message: string | undefined;
}

/** A shipment on its way. One of the three is called, once. */
export interface OpenShipment {
  tenantId: string;
  body: Buffer<ArrayBuffer>;
  entries: number;
  /**
   * The collector has it, but for what it refused, which is set aside first.
   * @returns what was set aside
   * @throws the error of the disk; then it is as if `failed` had been called
   */
  shipped: (refusals: readonly Refusal[]) => readonly RejectedDecision[];
  /** It comes again, after the tenant's next pause, or after so many milliseconds when they are more. */
  failed: (pauseMs: number) => void;
  /** It comes again at once, with half of the decisions. @returns false, and nothing changes, when it is a single one */
  halved: () => boolean;
}

/** The journal as the shipper sees it: tenants take turns, each has one shipment at a time on its way. */
export interface ShipmentSource {
  /**
   * The next shipment; `undefined` when the collector has everything, or all tenants that have something pause.
   * @throws the error of the disk; the tenant whose turn it was pauses
   */
  next: () => Promise<OpenShipment | undefined>;
}

export interface ShipmentSourceOptions {
  lanes: Lanes;
  segments: Segments;
  chunks: Chunks;
  now: () => number;
  /** Most entries of a shipment, and about the most bytes. */
  entries: number;
  bytes: number;
  onShipped: () => void;
  /** @throws the error of the disk */
  setAside: (decisions: readonly RejectedDecision[], at: number) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export function createShipmentSource(options: ShipmentSourceOptions): ShipmentSource {
  const { lanes, now, entries: most, onShipped, setAside } = options;
  const bodies = new BodyBuffers();

  /** The one that has waited longest; of those that just go on, the one with the oldest decision. */
  function dueLane(): Lane | undefined {
    const at = now();
    let due: Lane | undefined;
    for (const lane of lanes.all()) {
      if (lane.idle || lane.busy || lane.dueAt > at) continue;
      if (!due || comesBefore(lane, due)) due = lane;
    }
    return due;
  }

  function fail(lane: Lane, pauseMs: number): void {
    const at = now();
    if (lane.failures === 0) lane.failingSince = at;
    lane.failures += 1;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(lane.failures - 1, 10), LONGEST_PAUSE_MS);
    lane.dueAt = at + Math.max(pause, pauseMs);
    lane.busy = false;
  }

  function open(lane: Lane, shipment: Shipment): OpenShipment {
    const { tenantId } = lane;
    const { body, entries, bytes, end } = shipment;
    return {
      tenantId,
      body,
      entries,
      shipped(refusals) {
        const rejected = refusals.map(({ index, code, message }) => ({
          tenantId,
          code,
          message,
          event: shipment.event(index),
        }));
        try {
          setAside(rejected, now());
        } catch (error) {
          fail(lane, 0);
          throw error;
        }
        [lane.segment, lane.offset] = end;
        lane.waitingEntries -= entries;
        lane.waitingBytes -= bytes;
        lane.failures = 0;
        lane.failingSince = 0;
        lane.dueAt = 0;
        lane.limit = Math.min(most, lane.limit * 2);
        lane.busy = false;
        // It was answered, so it was read to its end.
        shipment.release();
        onShipped();
        return rejected;
      },
      failed: (pauseMs) => fail(lane, pauseMs),
      halved() {
        if (entries === 1) return false;
        lane.limit = Math.floor(entries / 2);
        lane.busy = false;
        return true;
      },
    };
  }

  return {
    async next() {
      for (let lane = dueLane(); lane; lane = dueLane()) {
        lane.busy = true;
        try {
          const shipment = await nextShipment(lane, { ...options, bodies }, turn);
          if (shipment) return open(lane, shipment);
          // Everything of the tenant had been taken.
          lane.busy = false;
        } catch (error) {
          fail(lane, 0);
          throw error;
        }
      }
      return undefined;
    },
  };
}

function comesBefore(one: Lane, other: Lane): boolean {
  if (one.dueAt !== other.dueAt) return one.dueAt < other.dueAt;
  return one.segment < other.segment || (one.segment === other.segment && one.offset < other.offset);
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
