import type { Database, JobQueue } from '@rlaas/database';
import { createAssessments } from './assessments/assessments.ts';
import { createRewardReader } from './explanations/reward-reader.ts';
import { createRecomputations } from './recomputing/recomputations.ts';
import type { RewardRoutes } from './routes/index.ts';
import { createSpecifications } from './specifications/specifications.ts';

/** What the routes ask. @param options.queue `undefined` as long as it is not open */
export function createDomain(options: {
  database: Database;
  now: () => number;
  queue: () => Pick<JobQueue, 'start'> | undefined;
}): RewardRoutes {
  return {
    specifications: createSpecifications(options),
    assessments: createAssessments(options),
    rewards: createRewardReader(options),
    recomputations: createRecomputations(options),
  };
}
