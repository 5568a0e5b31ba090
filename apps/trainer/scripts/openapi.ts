// Writes docs/openapi/trainer.json; a check fails when the committed file is not what this writes.
import { createDatabase, createJobs, createKeyManagement } from '@rlaas/database';
import { writeOpenApi } from '@rlaas/service/openapi-file';
import { buildApp } from '../src/app.ts';
import { createEvaluations } from '../src/evaluations/evaluations.ts';
import { createPolicies } from '../src/policies/policies.ts';
import { createRollouts } from '../src/rollouts/rollouts.ts';
import { createTenantAdministration } from '../src/tenants/tenant-administration.ts';
import { createTrainingRuns } from '../src/training-runs/training-runs.ts';

// Never connected to: a document is made of schemas alone.
const database = createDatabase({
  url: 'postgres://nobody@127.0.0.1:1/none',
  poolMax: 1,
  applicationName: 'openapi',
  onIdleError: () => undefined,
});
const freshKey = () => {
  throw new Error('no key is made here');
};
const options = { database, freshKey, now: Date.now };
const jobs = createJobs(options);
await writeOpenApi('trainer', (given) =>
  buildApp({
    ...given,
    tenants: createTenantAdministration(options),
    keys: createKeyManagement(options),
    policies: createPolicies(options),
    rollouts: createRollouts(options),
    jobs,
    trainingRuns: createTrainingRuns({ database, jobs, queue: () => undefined }),
    evaluations: createEvaluations({ database, jobs, queue: () => undefined }),
  }),
);
