import type { Jobs, KeyManagement } from '@rlaas/database';
import type { ServiceApp } from '@rlaas/service';
import type { Policies } from '../policies/policies.ts';
import type { Rollouts } from '../rollouts/rollouts.ts';
import type { TenantAdministration } from '../tenants/tenant-administration.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { jobRoutes } from './jobs.ts';
import { policyRoutes } from './policies.ts';
import { policyVersionRoutes } from './policy-versions.ts';
import { rolloutRoutes } from './rollouts.ts';
import { tenantRoutes } from './tenants.ts';

export interface TrainerRoutes {
  tenants: TenantAdministration;
  keys: KeyManagement;
  policies: Policies;
  jobs: Jobs;
  rollouts: Rollouts;
}

/** Who may call what. */
export function registerRoutes(
  app: ServiceApp,
  { tenants, keys, policies, jobs, rollouts }: TrainerRoutes,
): void {
  tenantRoutes(app, tenants); //          operator
  apiKeyRoutes(app, keys); //             tenant, scope admin
  policyRoutes(app, policies); //         tenant, scope policies:read, policies:write
  policyVersionRoutes(app, policies); //  tenant, scope policies:read, policies:write
  rolloutRoutes(app, rollouts); //        tenant, scope rollouts:read, rollouts:write
  jobRoutes(app, jobs); //                tenant, scope policies:read, policies:write
}
