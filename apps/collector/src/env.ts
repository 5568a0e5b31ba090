import { commonEnvironment, portField } from '@rlaas/service';
import type { z } from 'zod';

/** What the collector reads from its environment. */
export const environmentSchema = commonEnvironment.extend({
  COLLECTOR_PORT: portField(8081),
  COLLECTOR_METRICS_PORT: portField(9465),
});
export type Environment = Readonly<z.output<typeof environmentSchema>>;
