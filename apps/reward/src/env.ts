import { commonEnvironment, portField } from '@rlaas/service';

/** What the reward reads from its environment. */
export const environmentSchema = commonEnvironment.extend({
  REWARD_PORT: portField(8082),
  REWARD_METRICS_PORT: portField(9466),
});
