import { commonEnvironment, objectStoreEnvironment, portField, urlField } from '@rlaas/service';
import { z } from 'zod';

const HTTP = ['http:', 'https:'];

/** What the gateway reads from its environment. */
export const environmentSchema = commonEnvironment.extend({
  GATEWAY_PORT: portField(8080),
  GATEWAY_METRICS_PORT: portField(9464),
  ...objectStoreEnvironment,
  /** Folder of this gateway alone; what it must know when everything else is away. Survives restarts. */
  STATE_DIR: z.string().min(1).default('.rlaas/gateway'),
  COLLECTOR_URL: urlField(HTTP).default('http://127.0.0.1:8081'),
  REWARD_URL: urlField(HTTP).default('http://127.0.0.1:8082'),
  TRAINER_URL: urlField(HTTP).default('http://127.0.0.1:8083'),
});
