import { commonEnvironment, objectStoreEnvironment, portField } from '@rlaas/service';

/** What the trainer reads from its environment. */
export const environmentSchema = commonEnvironment.extend({
  TRAINER_PORT: portField(8083),
  TRAINER_METRICS_PORT: portField(9467),
  ...objectStoreEnvironment,
});
