import {
  deadLetterPageSchema,
  deadLetterQuerySchema,
  replayAnswerSchema,
  replayBodySchema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, tenantOf } from '@rlaas/service';
import type { DeadLetters } from '../letters/dead-letters.ts';
import { idOfCursor } from './id-cursor.ts';

const tags = ['dead letters'];

/** `/v1/dead-letters`: events that were rejected, with the reason. */
export function deadLetterRoutes(app: ServiceApp, letters: DeadLetters): void {
  app.get(
    '/v1/dead-letters',
    {
      config: { access: { scope: 'events:read' } },
      schema: {
        tags,
        summary: 'List rejected events, the newest first',
        querystring: deadLetterQuerySchema,
        response: { 200: deadLetterPageSchema },
      },
    },
    (request) => letters.list(tenantOf(request), request.query, idOfCursor(request.query.cursor)),
  );

  app.post(
    '/v1/dead-letters/replays',
    {
      config: { access: { scope: 'events:replay' } },
      schema: {
        tags,
        summary: 'Take rejected events up again',
        description:
          'They are checked and stored as if they came now, by the right that they came with: a replay makes nothing allowed that was not. Those that were not tried for longest come first; repeat it while `remaining` is above 0.',
        body: replayBodySchema,
        response: { 200: replayAnswerSchema },
      },
    },
    (request) => letters.replay(tenantOf(request), request.body, actorOf(request)),
  );
}
