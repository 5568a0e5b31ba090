import type { ServiceApp } from '@rlaas/service';
import type { Ingest } from '../ingest/ingest.ts';
import { eventRoutes } from './events.ts';

export interface CollectorRoutes {
  ingest: Ingest;
}

/** Who may call what. */
export function registerRoutes(app: ServiceApp, { ingest }: CollectorRoutes): void {
  eventRoutes(app, ingest); //  tenant, scope events:write; the gateway
}
