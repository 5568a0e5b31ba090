import type { Database } from '@rlaas/database';
import { createAssessments } from './assessments/assessments.ts';
import { createRewardReader } from './explanations/reward-reader.ts';
import type { RewardRoutes } from './routes/index.ts';
import { createSpecifications } from './specifications/specifications.ts';

/** What the routes ask. */
export function createDomain(options: { database: Database; now: () => number }): RewardRoutes {
  return {
    specifications: createSpecifications(options),
    assessments: createAssessments(options),
    rewards: createRewardReader(options),
  };
}
