import type { ServiceApp } from '@rlaas/service';
import type { Assessments } from '../assessments/assessments.ts';
import type { RewardReader } from '../explanations/reward-reader.ts';
import type { Recomputations } from '../recomputing/recomputations.ts';
import type { Specifications } from '../specifications/specifications.ts';
import { recomputationRoutes } from './recomputations.ts';
import { rewardAssessmentRoutes } from './reward-assessments.ts';
import { rewardSpecificationRoutes } from './reward-specifications.ts';
import { rewardRoutes } from './rewards.ts';

export interface RewardRoutes {
  specifications: Specifications;
  assessments: Assessments;
  rewards: RewardReader;
  recomputations: Recomputations;
}

/** Who may call what. */
export function registerRoutes(app: ServiceApp, own: RewardRoutes): void {
  rewardSpecificationRoutes(app, own.specifications); //  tenant, scope rewards:read, rewards:write
  rewardAssessmentRoutes(app, own); //                    tenant, scope rewards:read
  recomputationRoutes(app, own.recomputations); //        tenant, scope rewards:write
  rewardRoutes(app, own.rewards); //                      tenant, scope rewards:read
}
