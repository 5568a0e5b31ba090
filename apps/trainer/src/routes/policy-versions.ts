import {
  type Difference,
  createVersionSchema,
  decodeCursor,
  nameSchema,
  pageOf,
  pageQuerySchema,
  pageSchema,
  policyVersionSchema,
  problemSchema,
  retireVersionSchema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, conflict, invalidRequest, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { Policies } from '../policies/policies.ts';
import type { StatusOutcome } from '../policies/version-status.ts';
import { noSuchPolicy } from './policies.ts';

const ofPolicy = z.object({ policy: nameSchema });
const params = z.object({ policy: nameSchema, version: nameSchema });
const tags = ['policies'];
const reading = { access: { scope: 'policies:read' } } as const;
const writing = { access: { scope: 'policies:write' } } as const;
const MOST_SHOWN = 20;

/** `/v1/policies/{policy}/versions`: the immutable versions in which a policy decides. */
export function policyVersionRoutes(app: ServiceApp, { reader, writer, moves }: Policies): void {
  app.get(
    '/v1/policies/:policy/versions',
    {
      config: reading,
      schema: {
        tags,
        summary: 'List the versions of a policy',
        params: ofPolicy,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(policyVersionSchema) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const after = cursor === undefined ? '' : (decodeCursor(cursor) ?? '');
      const versions = await reader.versions(tenantOf(request), request.params.policy, after, limit + 1);
      if (!versions) throw noSuchPolicy(request.params.policy);
      return pageOf(versions, limit, (version) => version.name);
    },
  );

  app.post(
    '/v1/policies/:policy/versions',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Make a version',
        description:
          'It begins as a draft and never changes: the same name with the same configuration changes nothing, with another one it is a conflict that says what differs.',
        params: ofPolicy,
        body: createVersionSchema,
        response: { 200: policyVersionSchema, 201: policyVersionSchema, 409: problemSchema },
      },
    },
    async (request, reply) => {
      const { policy } = request.params;
      const created = await writer.createVersion(tenantOf(request), actorOf(request), policy, request.body);
      if (created.outcome === 'no_policy') throw noSuchPolicy(policy);
      if (created.outcome === 'actions_undeclared') {
        throw invalidRequest(
          created.actions.map((id) => ({
            path: `/configuration/explorer/probabilities/${id.replaceAll('~', '~0').replaceAll('/', '~1')}`,
            message: 'is no action of the policy',
          })),
        );
      }
      if (created.outcome === 'other_configuration') {
        throw conflict(
          `Version "${request.body.name}" is there and never changes. Give the new configuration another name. It differs in ${differing(created.differences)}.`,
        );
      }
      return reply.code(created.outcome === 'created' ? 201 : 200).send(created.version);
    },
  );

  app.get(
    '/v1/policies/:policy/versions/:version',
    {
      config: reading,
      schema: { tags, summary: 'Show a version', params, response: { 200: policyVersionSchema } },
    },
    async (request) => {
      const { policy, version } = request.params;
      const found = await reader.version(tenantOf(request), policy, version);
      if (!found) throw noSuchVersion(policy, version);
      return found;
    },
  );

  app.post(
    '/v1/policies/:policy/versions/:version/shadow',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Put a draft into shadow',
        description:
          'It learns from then on and scores every decision beside the version that decides, and decides none itself. It must be able to score a decision; at most three versions of a policy are in shadow.',
        params,
        response: { 200: policyVersionSchema, 409: problemSchema },
      },
    },
    async (request) => {
      const { policy, version } = request.params;
      return versionOf(
        await moves.shadow(tenantOf(request), actorOf(request), policy, version),
        policy,
        version,
      );
    },
  );

  app.post(
    '/v1/policies/:policy/versions/:version/retire',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Retire a version',
        description: 'It learns and decides no more, for ever. One that has traffic wants `force`.',
        params,
        body: retireVersionSchema,
        response: { 200: policyVersionSchema, 409: problemSchema },
      },
    },
    async (request) => {
      const { policy, version } = request.params;
      const force = request.body?.force ?? false;
      return versionOf(
        await moves.retire(tenantOf(request), actorOf(request), policy, version, force),
        policy,
        version,
      );
    },
  );
}

function versionOf(outcome: StatusOutcome, policy: string, version: string) {
  if (outcome === undefined) throw noSuchVersion(policy, version);
  if (outcome.outcome === 'refused') throw conflict(outcome.detail);
  return outcome.version;
}

/** 404 for a version that the tenant does not have. */
export function noSuchVersion(policy: string, version: string) {
  return notFound(`There is no version "${version}" of a policy "${policy}".`);
}

function differing(differences: readonly Difference[]): string {
  const shown = differences.slice(0, MOST_SHOWN).map((difference) => difference.path);
  const more = differences.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more places` : ''}`;
}
