import type { ServiceApp } from '@rlaas/service';
import type { Decider } from '../decisions/decider.ts';
import type { LoggedDecisions } from '../decisions/logged-decisions.ts';
import { decisionRoutes } from './decisions.ts';

export interface GatewayRoutes {
  decide: Decider;
  logged: LoggedDecisions;
}

/** Who may call what, besides what is forwarded. */
export function registerRoutes(app: ServiceApp, { decide, logged }: GatewayRoutes): void {
  decisionRoutes(app, decide, logged); //  tenant, scope decide (publishable keys too); events:read to look at one
}
