// Writes docs/openapi/gateway.json; a check fails when the committed file is not what this writes.
import { writeOpenApi } from '@rlaas/service/openapi-file';
import { buildApp } from '../src/app.ts';

await writeOpenApi('gateway', (options) =>
  buildApp({
    ...options,
    decide: async () => ({ ok: false, reason: 'not_loaded' }),
    logged: async () => undefined,
    upstreams: { collector: 'http://127.0.0.1', reward: 'http://127.0.0.1', trainer: 'http://127.0.0.1' },
  }),
);
