// Writes docs/openapi/reward.json; a check fails when the committed file is not what this writes.
import { createDatabase } from '@rlaas/database';
import { writeOpenApi } from '@rlaas/service/openapi-file';
import { buildApp } from '../src/app.ts';
import { createDomain } from '../src/domain.ts';

// Never connected to: a document is made of schemas alone.
const database = createDatabase({
  url: 'postgres://nobody@127.0.0.1:1/none',
  poolMax: 1,
  applicationName: 'openapi',
  onIdleError: () => undefined,
});
await writeOpenApi('reward', (options) =>
  buildApp({ ...options, ...createDomain({ database, now: Date.now, queue: () => undefined }) }),
);
