import {
  advanceRolloutSchema,
  approveRolloutSchema,
  createRolloutSchema,
  decodeCursor,
  pageOf,
  problemSchema,
  rollbackRolloutSchema,
  rolloutDetailsSchema,
  rolloutPageSchema,
  rolloutQuerySchema,
  uuidV7Schema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, conflict, invalidAt, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { RolloutOutcome, Rollouts } from '../rollouts/rollouts.ts';

const tags = ['rollouts'];
const params = z.object({ rollout: uuidV7Schema });
const reading = { access: { scope: 'rollouts:read' } } as const;
const writing = { access: { scope: 'rollouts:write' } } as const;

/** `/v1/rollouts`: versions on their way from shadow to active, and back. */
export function rolloutRoutes(app: ServiceApp, rollouts: Rollouts): void {
  app.get(
    '/v1/rollouts',
    {
      config: reading,
      schema: {
        tags,
        summary: 'List rollouts, the newest first',
        querystring: rolloutQuerySchema,
        response: { 200: rolloutPageSchema },
      },
    },
    async (request) => {
      const { limit, cursor, policy, open } = request.query;
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      if (after !== undefined && !uuidV7Schema.safeParse(after).success) {
        throw invalidAt('/query/cursor', 'must be a `next_cursor` that this list answered');
      }
      const filter = { policy, open: open === undefined ? undefined : open === 'true' };
      const rows = await rollouts.list(tenantOf(request), filter, { after, limit: limit + 1 });
      return pageOf(rows, limit, ({ id }) => id);
    },
  );

  app.post(
    '/v1/rollouts',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Begin a rollout',
        description:
          'Puts a draft into shadow, or takes a version that is there, and begins to test it against what serves. What the test is made of is frozen from then on.',
        body: createRolloutSchema,
        response: { 201: rolloutDetailsSchema, 409: problemSchema },
      },
    },
    async (request, reply) => {
      const { policy, version } = request.body;
      const started = await rollouts.start(tenantOf(request), actorOf(request), policy, version);
      if (started.outcome === 'not_found') {
        throw notFound(started.detail);
      }
      return reply.code(201).send(detailsOf(started, ''));
    },
  );

  app.get(
    '/v1/rollouts/:rollout',
    {
      config: reading,
      schema: {
        tags,
        summary: 'Show a rollout: how far it is, what it waits for, and every step with its evidence',
        params,
        response: { 200: rolloutDetailsSchema },
      },
    },
    async (request) => {
      const found = await rollouts.find(tenantOf(request), request.params.rollout);
      if (!found) throw noSuchRollout(request.params.rollout);
      return found;
    },
  );

  app.post(
    '/v1/rollouts/:rollout/advance',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Take the next step, if the gate has passed',
        description: 'It is taken by itself soon; this takes it now, or says what is missing.',
        params,
        body: advanceRolloutSchema,
        response: { 200: rolloutDetailsSchema, 409: problemSchema },
      },
    },
    async (request) => {
      const { rollout } = request.params;
      const { revision } = request.body;
      return detailsOf(
        await rollouts.advance(tenantOf(request), actorOf(request), rollout, revision),
        rollout,
      );
    },
  );

  app.post(
    '/v1/rollouts/:rollout/approve',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Take the next step because a person says so',
        description:
          'Whatever the gate says; who it was and why is stored with it. Rollbacks go on by themselves.',
        params,
        body: approveRolloutSchema,
        response: { 200: rolloutDetailsSchema, 409: problemSchema },
      },
    },
    async (request) => {
      const { rollout } = request.params;
      return detailsOf(
        await rollouts.approve(tenantOf(request), actorOf(request), rollout, request.body),
        rollout,
      );
    },
  );

  app.post(
    '/v1/rollouts/:rollout/rollback',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Take all traffic away from the candidate, for ever',
        description:
          'The version before serves again, or the explored baseline; in every gateway within 2 s.',
        params,
        body: rollbackRolloutSchema,
        response: { 200: rolloutDetailsSchema, 409: problemSchema },
      },
    },
    async (request) => {
      const { rollout } = request.params;
      return detailsOf(
        await rollouts.rollBack(tenantOf(request), actorOf(request), rollout, request.body),
        rollout,
      );
    },
  );
}

function detailsOf(outcome: RolloutOutcome, id: string) {
  if (outcome.outcome === 'not_found') throw noSuchRollout(id);
  if (outcome.outcome === 'refused') throw conflict(outcome.detail);
  return outcome.rollout;
}

function noSuchRollout(id: string) {
  return notFound(`There is no rollout ${id}.`);
}
