import { commonEnvironment, portField } from '@rlaas/service';

/** What the collector reads from its environment. */
export const environmentSchema = commonEnvironment.extend({
  COLLECTOR_PORT: portField(8081),
  COLLECTOR_METRICS_PORT: portField(9465),
});
