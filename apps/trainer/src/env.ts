import { commonEnvironment, portField } from '@rlaas/service';
import type { z } from 'zod';

/** What the trainer reads from its environment. */
export const environmentSchema = commonEnvironment.extend({
  TRAINER_PORT: portField(8083),
  TRAINER_METRICS_PORT: portField(9467),
});
export type Environment = Readonly<z.output<typeof environmentSchema>>;
