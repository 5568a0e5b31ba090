import type { ServiceApp } from '@rlaas/service';
import type { Decider } from '../decisions/decider.ts';
import { decisionRoutes } from './decisions.ts';

export interface GatewayRoutes {
  decide: Decider;
}

/** Who may call what, besides what is forwarded. */
export function registerRoutes(app: ServiceApp, { decide }: GatewayRoutes): void {
  decisionRoutes(app, decide); //  tenant, scope decide; publishable keys
}
