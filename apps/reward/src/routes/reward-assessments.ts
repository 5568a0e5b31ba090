import {
  nameSchema,
  previewRewardSchema,
  problemSchema,
  rewardDifferenceQuerySchema,
  rewardDifferenceSchema,
  rewardPreviewSchema,
  validatedRewardSpecificationSchema,
} from '@rlaas/schemas';
import { type ServiceApp, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { Assessments } from '../assessments/assessments.ts';
import type { Specifications } from '../specifications/specifications.ts';
import { specificationRefused } from './specification-refusal.ts';

const tags = ['reward specifications'];
const access = { scope: 'rewards:read' } as const;

/** What a specification would do, before it is saved and beside another one. Nothing is written. */
export function rewardAssessmentRoutes(
  app: ServiceApp,
  { specifications, assessments }: { specifications: Specifications; assessments: Assessments },
): void {
  app.post(
    '/v1/reward-specs/validate',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Check a specification without saving it',
        description:
          'All mistakes and warnings at once, each with its place; those of expressions with line and column.',
        body: z.strictObject({
          definition: z.unknown().meta({ description: 'The definition, as it would be saved.' }),
        }),
        response: { 200: validatedRewardSpecificationSchema },
      },
    },
    (request) => specifications.validate(tenantOf(request), request.body.definition),
  );

  app.post(
    '/v1/reward-specs/preview',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Run a specification on the last decisions without saving it',
        body: previewRewardSchema,
        response: { 200: rewardPreviewSchema, 422: problemSchema },
      },
    },
    async (request) => {
      const made = await assessments.preview(tenantOf(request), request.body);
      if (!made.ok) throw specificationRefused(made.mistakes, '/definition');
      return made.preview;
    },
  );

  app.get(
    '/v1/reward-specs/:policy/difference',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Compare two versions of a specification on the same decisions',
        params: z.object({ policy: nameSchema }),
        querystring: rewardDifferenceQuerySchema,
        response: { 200: rewardDifferenceSchema },
      },
    },
    async (request) => {
      const { policy } = request.params;
      const made = await assessments.difference(tenantOf(request), policy, request.query);
      if (!made.ok) throw notFound(`The reward specification of "${policy}" has no version ${made.missing}.`);
      return made.difference;
    },
  );
}
