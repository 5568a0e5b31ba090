// Writes docs/openapi/reward.json; a check fails when the committed file is not what this writes.
import { writeOpenApi } from '@rlaas/service/openapi-file';
import { buildApp } from '../src/app.ts';

await writeOpenApi('reward', (options) => buildApp({ ...options }));
