import {
  type PolicyVersion,
  pageSchema,
  policySchema,
  policyVersionSchema,
  storedRewardSpecificationSchema,
  validatedRewardSpecificationSchema,
} from '@rlaas/schemas';
import type { ApiClient, ApiRequest } from './api-client.ts';
import type { PolicyServer, Step } from './policy-server.ts';

const versionPage = pageSchema(policyVersionSchema);

/** The policies of the key's tenant, through the API. */
export function createHttpPolicyServer(api: ApiClient): PolicyServer {
  async function readVersions(policy: string): Promise<PolicyVersion[]> {
    const versions: PolicyVersion[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const answer = await api.ask(`/v1/policies/${policy}/versions?limit=500${query}`);
      const page = versionPage.parse(answer.body);
      versions.push(...page.items);
      cursor = page.next_cursor;
    }
    return versions;
  }

  return {
    async read(policy) {
      const [found, reward] = await Promise.all([
        api.ask(`/v1/policies/${policy}`),
        api.ask(`/v1/reward-specs/${policy}`),
      ]);
      const there = found.status !== 404;
      return {
        policy: there ? { value: policySchema.parse(found.body), etag: found.etag ?? '*' } : undefined,
        reward: reward.status === 404 ? undefined : storedRewardSpecificationSchema.parse(reward.body),
        versions: there ? await readVersions(policy) : [],
      };
    },
    async validate(definition) {
      const answer = await api.ask('/v1/reward-specs/validate', { method: 'POST', body: { definition } });
      return validatedRewardSpecificationSchema.parse(answer.body);
    },
    async make(step) {
      const { path, ...request } = requestOf(step);
      const { status } = await api.ask(path, request);
      if (status === 404) throw new Error(`${path} is not there although it was read before`);
    },
  };
}

function requestOf(step: Step): ApiRequest & { path: string } {
  const source = 'yaml';
  if (step.kind === 'reward') {
    return {
      path: `/v1/reward-specs/${step.policy}`,
      method: 'PUT',
      headers: { 'if-match': `"${step.expected}"` },
      body: { definition: step.definition, source },
    };
  }
  if (step.kind === 'policy') {
    return {
      path: `/v1/policies/${step.policy}`,
      method: 'PUT',
      headers: step.etag === undefined ? { 'if-none-match': '*' } : { 'if-match': step.etag },
      body: { configuration: step.configuration, source },
    };
  }
  const versions = `/v1/policies/${step.policy}/versions`;
  if (step.kind === 'shadow') return { path: `${versions}/${step.version}/shadow`, method: 'POST' };
  return {
    path: versions,
    method: 'POST',
    body: { name: step.version, configuration: step.configuration, source },
  };
}
