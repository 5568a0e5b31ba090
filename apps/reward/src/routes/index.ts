import type { ServiceApp } from '@rlaas/service';
import type { Specifications } from '../specifications/specifications.ts';
import { rewardSpecificationRoutes } from './reward-specifications.ts';

export interface RewardRoutes {
  specifications: Specifications;
}

/** Who may call what. */
export function registerRoutes(app: ServiceApp, { specifications }: RewardRoutes): void {
  rewardSpecificationRoutes(app, specifications); //  tenant, scope rewards:read, rewards:write
}
