import type { CuttingProxy } from '@rlaas/testkit';
import type { Violation } from '../history/violation.ts';
import type { Random } from '../random.ts';
import type { ChaosPostgres } from './chaos-postgres.ts';
import type { CollectorProcess } from '../../support/collector-process.ts';
import type { SmallDisk } from './small-disk.ts';

/** What a fault can get at. */
export interface World {
  postgres: ChaosPostgres;
  collector: CollectorProcess;
  /** Between the collector and Postgres. */
  proxy: CuttingProxy;
  /** Where the scenario asks for one. */
  disk: SmallDisk | undefined;
  random: Random;
  /** What a fault itself finds wrong. */
  violations: Violation[];
  /** Waits while the load goes on. @throws AbortError when the run is stopped */
  pause: (ms: number) => Promise<void>;
}

/** Does one fault to the world and undoes it, or leaves it to the collector to get over it. */
export type Fault = (world: World) => Promise<void>;
