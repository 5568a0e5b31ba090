import type { Jobs, KeyManagement } from '@rlaas/database';
import type { ServiceApp } from '@rlaas/service';
import type { Evaluations } from '../evaluations/evaluations.ts';
import type { Policies } from '../policies/policies.ts';
import type { Rollouts } from '../rollouts/rollouts.ts';
import type { TenantAdministration } from '../tenants/tenant-administration.ts';
import type { TrainingRuns } from '../training-runs/training-runs.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { checkpointRoutes } from './checkpoints.ts';
import { evaluationRoutes } from './evaluations.ts';
import { jobRoutes } from './jobs.ts';
import { policyRoutes } from './policies.ts';
import { policyVersionRoutes } from './policy-versions.ts';
import { rolloutRoutes } from './rollouts.ts';
import { tenantRoutes } from './tenants.ts';
import { trainingRunRoutes } from './training-runs.ts';

export interface TrainerRoutes {
  tenants: TenantAdministration;
  keys: KeyManagement;
  policies: Policies;
  jobs: Jobs;
  rollouts: Rollouts;
  trainingRuns: TrainingRuns;
  evaluations: Evaluations;
}

/** Who may call what. */
export function registerRoutes(app: ServiceApp, own: TrainerRoutes): void {
  tenantRoutes(app, own.tenants); //            operator
  apiKeyRoutes(app, own.keys); //               tenant, scope admin
  policyRoutes(app, own.policies); //           tenant, scope policies:read, policies:write
  policyVersionRoutes(app, own.policies); //    tenant, scope policies:read, policies:write
  checkpointRoutes(app, own.policies.pins); //  tenant, scope policies:read, rollouts:write
  rolloutRoutes(app, own.rollouts); //          tenant, scope rollouts:read, rollouts:write
  trainingRunRoutes(app, own.trainingRuns); //  tenant, scope policies:read, policies:write
  evaluationRoutes(app, own.evaluations); //    tenant, scope policies:read, policies:write
  jobRoutes(app, own.jobs); //                  tenant, scope policies:read, policies:write
}
