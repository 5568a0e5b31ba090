import { cutConnections } from './faults/cut-connections.ts';
import { drainCollector } from './faults/drain-collector.ts';
import { fillDisk } from './faults/fill-disk.ts';
import { forbidWriting } from './faults/forbid-writing.ts';
import { killCollector } from './faults/kill-collector.ts';
import { pauseCollector } from './faults/pause-collector.ts';
import { stopPostgres } from './faults/stop-postgres.ts';
import type { HistoryLog } from './load/history-log.ts';
import { type LoadShape, STEADY, STORM } from './load/load-shape.ts';
import type { Fault } from './world/world.ts';

/** How much is done to the collector: how many faults, and for how many seconds there is load at least. */
export interface Extent {
  faults: number;
  seconds: number;
}

export interface Scenario {
  name: string;
  summary: string;
  shape: LoadShape;
  /** Nothing but load without one. */
  fault?: Fault;
  /** Load between two faults, in milliseconds. */
  gapMs: readonly [number, number];
  smallDisk?: true;
  short: Extent;
  long: Extent;
  /** Whether what it is for has come about, going by what clients were told. */
  hadEffect: (told: HistoryLog['told']) => boolean;
}

const somethingOpen: Scenario['hadEffect'] = ({ retry, unanswered, unsent }) =>
  retry + unanswered + unsent > 0;

export const scenarios: readonly Scenario[] = [
  {
    name: 'retry-storm',
    summary: 'all clients send the same events at once and again, and give up early',
    shape: STORM,
    gapMs: [0, 0],
    short: { faults: 0, seconds: 4 },
    long: { faults: 0, seconds: 60 },
    hadEffect: ({ duplicate, unanswered }) => duplicate > 0 && unanswered > 0,
  },
  {
    name: 'kill-collector',
    summary: 'kill -9 of the collector at random moments, and started again at once',
    shape: STEADY,
    fault: killCollector,
    gapMs: [100, 1_500],
    short: { faults: 3, seconds: 0 },
    long: { faults: 100, seconds: 0 },
    hadEffect: ({ unanswered }) => unanswered > 0,
  },
  {
    name: 'drain-collector',
    summary: 'SIGTERM in the middle: it answers what it has and ends with 0',
    shape: STEADY,
    fault: drainCollector,
    gapMs: [300, 1_500],
    short: { faults: 2, seconds: 0 },
    long: { faults: 20, seconds: 0 },
    hadEffect: somethingOpen,
  },
  {
    name: 'pause-collector',
    summary: 'the collector is stopped for longer than clients wait (SIGSTOP), and goes on',
    shape: STEADY,
    fault: pauseCollector,
    gapMs: [300, 1_500],
    short: { faults: 1, seconds: 0 },
    long: { faults: 10, seconds: 0 },
    hadEffect: ({ unanswered }) => unanswered > 0,
  },
  {
    name: 'cut-commit',
    summary: 'connections to Postgres break during COMMIT, before and after the server got it',
    shape: STEADY,
    fault: cutConnections,
    gapMs: [50, 400],
    short: { faults: 10, seconds: 0 },
    long: { faults: 200, seconds: 0 },
    hadEffect: ({ retry }) => retry > 0,
  },
  {
    name: 'stop-postgres',
    summary: 'Postgres ends without a checkpoint (immediate), and recovers',
    shape: STEADY,
    fault: stopPostgres,
    gapMs: [500, 2_000],
    short: { faults: 2, seconds: 0 },
    long: { faults: 20, seconds: 0 },
    hadEffect: ({ retry }) => retry > 0,
  },
  {
    name: 'read-only',
    summary: 'Postgres takes no writes for a while',
    shape: STEADY,
    fault: forbidWriting,
    gapMs: [300, 1_500],
    short: { faults: 1, seconds: 0 },
    long: { faults: 10, seconds: 0 },
    hadEffect: ({ retry }) => retry > 0,
  },
  {
    name: 'full-disk',
    summary: 'the disk of Postgres is full for a while (needs root of a Linux, for a small file system)',
    shape: STEADY,
    fault: fillDisk,
    gapMs: [300, 1_500],
    smallDisk: true,
    short: { faults: 1, seconds: 0 },
    long: { faults: 5, seconds: 0 },
    hadEffect: ({ retry }) => retry > 0,
  },
];
