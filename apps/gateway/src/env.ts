import { commonEnvironment, countField, objectStoreEnvironment, portField, urlField } from '@rlaas/service';
import { z } from 'zod';

const HTTP = ['http:', 'https:'];

/** What the gateway reads from its environment. */
export const environmentSchema = commonEnvironment.extend({
  GATEWAY_PORT: portField(8080),
  GATEWAY_METRICS_PORT: portField(9464),
  ...objectStoreEnvironment,
  /** Folder of this gateway alone; what it must know when everything else is away. Survives restarts. */
  STATE_DIR: z.string().min(1).default('.rlaas/gateway'),
  /** Whether a decision that is answered survives the loss of power too, or only the end of the process. */
  JOURNAL_FSYNC: z.enum(['never', 'always']).default('never'),
  /** When the journal takes nothing: answer the baseline without logging it, or nothing. */
  JOURNAL_FULL: z.enum(['refuse', 'stop']).default('refuse'),
  /** Most bytes of the journal on disk. */
  JOURNAL_MAX_BYTES: countField(1_073_741_824, { min: 16_777_216 }),
  COLLECTOR_URL: urlField(HTTP).default('http://127.0.0.1:8081'),
  REWARD_URL: urlField(HTTP).default('http://127.0.0.1:8082'),
  TRAINER_URL: urlField(HTTP).default('http://127.0.0.1:8083'),
});
