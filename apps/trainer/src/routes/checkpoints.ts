import {
  checkpointSchema,
  decodeCursor,
  nameSchema,
  pageOf,
  pageQuerySchema,
  pageSchema,
  pinVersionSchema,
  policyVersionSchema,
  problemSchema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, conflict, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { CheckpointPins } from '../policies/checkpoint-pins.ts';
import { noSuchVersion } from './policy-versions.ts';

const params = z.object({ policy: nameSchema, version: nameSchema });
const tags = ['policies'];
const placeSchema = z.coerce.number().pipe(z.int().min(1));

/** `/v1/policies/{policy}/versions/{version}/checkpoints`: what a version had learned, and which of it decides. */
export function checkpointRoutes(app: ServiceApp, pins: CheckpointPins): void {
  app.get(
    '/v1/policies/:policy/versions/:version/checkpoints',
    {
      config: { access: { scope: 'policies:read' } },
      schema: {
        tags,
        summary: 'List the checkpoints of a version, the newest first',
        description: 'Those that are there: of old ones one for each hour, then one for each day, is kept.',
        params,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(checkpointSchema) },
      },
    },
    async (request) => {
      const { policy, version } = request.params;
      const { limit, cursor } = request.query;
      const place = placeSchema.safeParse(cursor === undefined ? undefined : decodeCursor(cursor));
      const before = place.success ? place.data : undefined;
      const found = await pins.list(tenantOf(request), policy, version, { before, limit: limit + 1 });
      if (!found) throw noSuchVersion(policy, version);
      return pageOf(found, limit, ({ number }) => String(number));
    },
  );

  app.post(
    '/v1/policies/:policy/versions/:version/pin',
    {
      config: { access: { scope: 'rollouts:write' } },
      schema: {
        tags,
        summary: 'Hold a version to a checkpoint, or let it go',
        description:
          'It decides, and is compared, by that checkpoint from then on, in every gateway within about 2 s; it learns on, and goes on with all of it when it is let go. What a rollout shows of it is about that checkpoint then.',
        params,
        body: pinVersionSchema,
        response: { 200: policyVersionSchema, 409: problemSchema },
      },
    },
    async (request) => {
      const { policy, version } = request.params;
      const { checkpoint } = request.body;
      const pinned = await pins.pin(tenantOf(request), actorOf(request), policy, version, checkpoint);
      if (!pinned) throw noSuchVersion(policy, version);
      if (pinned.outcome === 'refused') throw conflict(pinned.detail);
      return pinned.version;
    },
  );
}
