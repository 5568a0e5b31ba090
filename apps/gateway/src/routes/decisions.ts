import {
  decideSchema,
  decisionSchema,
  loggedDecisionSchema,
  nameSchema,
  problemSchema,
  uuidV7Schema,
} from '@rlaas/schemas';
import {
  type RlaasError,
  type ServiceApp,
  bodyTooLarge,
  conflict,
  invalidAt,
  notFound,
  replayBody,
  tenantOf,
  unavailable,
  validatorCompiler,
} from '@rlaas/service';
import { z } from 'zod';
import type { Decided, Decider } from '../decisions/decider.ts';
import type { LoggedDecisions } from '../decisions/logged-decisions.ts';
import { isPlainRequest } from '../decisions/plain-request.ts';
import { unstorableIn } from '../decisions/unstorable-request.ts';

const BODY_BYTES = 512 * 1024;
const EVENT_BYTES = 1_048_576;
const JSON_TYPE = 'application/json; charset=utf-8';
const PATH = '/v1/decisions';
const access = { scope: 'decide', publishable: true } as const;
const tags = ['decisions'];

/** `/v1/decisions`: decide, and why it was decided so. */
export function decisionRoutes(app: ServiceApp, decide: Decider, logged: LoggedDecisions): void {
  const checkBySchema = validatorCompiler({
    schema: decideSchema,
    method: 'POST',
    url: '',
    httpPart: 'body',
  });

  /** The schema judges what is not well beyond doubt; its own check takes longer than deciding. */
  function check(body: unknown): ReturnType<typeof checkBySchema> {
    if (isPlainRequest(body)) return { value: body };
    const wrong = unstorableIn(body);
    return wrong ? { error: invalidAt(wrong.path, wrong.message) } : checkBySchema(body);
  }

  app.addExpressLane({
    url: PATH,
    access,
    bodyBytes: BODY_BYTES,
    async handle({ tenantId }, body) {
      if (tenantId === null || !isPlainRequest(body)) return undefined;
      const decided = await decide(tenantId, body);
      return decided.ok ? decided.text : undefined;
    },
  });

  app.post(
    PATH,
    {
      config: { access },
      bodyLimit: BODY_BYTES,
      preParsing: replayBody,
      schema: {
        tags,
        summary: 'Decide',
        description:
          'Chooses an action and logs the choice with its probability before it answers. The same `id` within 10 minutes gets the same answer.',
        body: decideSchema,
        response: { 200: decisionSchema, 409: problemSchema },
      },
      validatorCompiler: () => check,
    },
    async (request, reply) => {
      const decided = await decide(tenantOf(request), request.body);
      if (!decided.ok) throw errorOf(decided, request.body.policy);
      // As text: it is JSON already.
      reply.header('content-type', JSON_TYPE);
      return reply.send(decided.text as never);
    },
  );

  app.get(
    '/v1/decisions/:id',
    {
      config: { access: { scope: 'events:read' } },
      schema: {
        tags,
        summary: 'Show a decision and why it was made',
        description:
          'What was logged of it, and for each action the parts of its score. With `version`, the scores of another version that was logged with it.',
        params: z.object({ id: uuidV7Schema }),
        querystring: z.object({
          version: nameSchema.optional().meta({ description: 'Default: the version that decided.' }),
        }),
        response: { 200: loggedDecisionSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const found = await logged(tenantOf(request), id, request.query.version);
      if (found === 'unavailable') {
        throw unavailable(
          'database_unavailable',
          'The decision is no longer in the journal, and Postgres does not answer.',
        );
      }
      if (!found) throw notFound(`There is no decision ${id}.`);
      return found;
    },
  );
}

function errorOf(decided: Extract<Decided, { ok: false }>, policy: string): RlaasError {
  if (decided.reason === 'invalid') return invalidAt(decided.path, decided.message);
  if (decided.reason === 'unknown_policy') return notFound(`There is no policy "${policy}".`);
  if (decided.reason === 'id_taken') {
    return conflict('This id is that of a decision of another policy. Make an id for each decision.');
  }
  if (decided.reason === 'too_large') return bodyTooLarge(EVENT_BYTES);
  return decided.reason === 'not_loaded'
    ? unavailable('policies_unavailable', 'The policies are not loaded yet.')
    : unavailable('journal_unavailable', 'The decision cannot be logged, so none was made.');
}
