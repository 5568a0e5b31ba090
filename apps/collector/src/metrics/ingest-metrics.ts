import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { LATE_MS } from '../ingest/ingest.ts';
import type { Ledger } from '../ingest/ledger.ts';

/** The metrics of the event path. Received is what the others add up to; a gauge shows when it is not. */
export interface IngestMetrics extends Ledger {
  committed: (group: { rows: number; seconds: number }) => void;
  gap: (seconds: number) => void;
  dropped: (reason: string, events: number) => void;
}

export interface IngestGauges {
  queue: () => { rows: number; bytes: number; ageSeconds: number };
  partitionsAheadDays: () => number;
  bodyBytes: () => number;
}

export function createIngestMetrics(registry: Registry, gauges: IngestGauges): IngestMetrics {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: `rlaas_collector_${name}`, help, labelNames, registers });
  const received = counter('events_received_total', 'Events of requests that could be read.');
  const accepted = counter('events_accepted_total', 'Events that are stored since this request.');
  const duplicate = counter('events_duplicate_total', 'Events that were stored before.');
  const rejected = counter('events_rejected_total', 'Events that are kept as dead letters, by code.', [
    'code',
  ]);
  const retry = counter('events_retry_total', 'Events that are to be sent again.');
  const late = counter(
    'events_late_total',
    `Events that happened more than ${LATE_MS / 3_600_000} h before they came.`,
  );
  const delay = new Histogram({
    name: 'rlaas_collector_event_delay_seconds',
    help: 'How long before their receipt the oldest events of requests happened.',
    buckets: [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800],
    registers,
  });
  const ahead = new Histogram({
    name: 'rlaas_collector_event_clock_ahead_seconds',
    help: 'By how much the newest events of requests happened after their receipt: the skew of the clocks of senders.',
    buckets: [0.1, 1, 5, 30, 300, 3_600],
    registers,
  });
  const groupRows = new Histogram({
    name: 'rlaas_collector_group_rows',
    help: 'Rows that were committed together, dead letters among them.',
    buckets: [1, 5, 20, 50, 100, 200, 500, 1_000],
    registers,
  });
  const commit = new Histogram({
    name: 'rlaas_collector_group_commit_duration_seconds',
    help: 'Time to write and commit a group.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 10],
    registers,
  });
  const gaps = counter(
    'ingest_gap_seconds_total',
    'Time in which no replica took events, as it was noticed here.',
  );
  const drops = counter('client_dropped_events_total', 'Events that SDKs say they have dropped, by reason.', [
    'reason',
  ]);
  // Each event that came in must have ended once its batch is closed.
  let [came, done, underWay] = [0, 0, 0];
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({
      name: `rlaas_collector_${name}`,
      help,
      registers,
      collect: () => made.set(read()),
    });
  };
  gauge(
    'events_unbalanced',
    'Events received minus those that ended in any way and those under way: always 0.',
    () => came - done - underWay,
  );
  gauge('queue_rows', 'Rows that wait or are being written.', () => gauges.queue().rows);
  gauge('queue_bytes', 'Bytes that wait or are being written.', () => gauges.queue().bytes);
  gauge('queue_age_seconds', 'How long the oldest row waits.', () => gauges.queue().ageSeconds);
  gauge('body_bytes', 'Bytes of bodies in memory.', gauges.bodyBytes);
  gauge(
    'partitions_ahead_days',
    'Days beyond today for which events have a partition.',
    gauges.partitionsAheadDays,
  );

  return {
    received(events) {
      came += events;
      underWay += events;
      received.inc(events);
    },
    times({ oldestMs, aheadMs, late: lateEvents }) {
      delay.observe(oldestMs / 1_000);
      if (aheadMs > 0) ahead.observe(aheadMs / 1_000);
      late.inc(lateEvents);
    },
    ended({ counts, results }) {
      done += counts.accepted + counts.duplicate + counts.rejected + counts.retry;
      accepted.inc(counts.accepted);
      duplicate.inc(counts.duplicate);
      retry.inc(counts.retry);
      if (counts.rejected === 0) return;
      for (const { status, code } of results) {
        if (status === 'rejected') rejected.inc({ code: code ?? 'unknown' });
      }
    },
    closed(events) {
      underWay -= events;
    },
    committed({ rows, seconds }) {
      groupRows.observe(rows);
      commit.observe(seconds);
    },
    gap: (seconds) => gaps.inc(seconds),
    dropped: (reason, events) => drops.inc({ reason }, events),
  };
}
