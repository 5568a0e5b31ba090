import type { ServiceApp } from '@rlaas/service';
import type { Imports } from '../imports/imports.ts';
import type { DeadLetters } from '../letters/dead-letters.ts';
import { type OnDropped, clientReportRoutes } from './client-reports.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { type EventRoutesOptions, eventRoutes } from './events.ts';
import { importRoutes } from './imports.ts';
import { schemaRoutes } from './schemas.ts';

export interface CollectorRoutes extends EventRoutesOptions {
  imports: Imports;
  letters: DeadLetters;
  onDropped: OnDropped;
}

/** Who may call what. */
export function registerRoutes(app: ServiceApp, routes: CollectorRoutes): void {
  eventRoutes(app, routes); //                        tenant, events:write, publishable; events:read; the gateway
  deadLetterRoutes(app, routes.letters); //           tenant, events:read, events:replay
  importRoutes(app, routes.imports); //               tenant, events:import
  clientReportRoutes(app, routes.onDropped); //       tenant, events:write, publishable
  schemaRoutes(app); //                               anybody
}
