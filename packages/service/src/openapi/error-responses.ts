import { problemSchema } from '@rlaas/schemas';
import type { AccessRule } from '../auth/access.ts';
import { PROBLEM_JSON } from '../errors/problem.ts';

const problem = (description: string) => ({
  description,
  content: { [PROBLEM_JSON]: { schema: problemSchema } },
});

const RESPONSES = {
  400: problem('The request is not valid; `errors` lists the mistakes.'),
  401: problem('There is no key, or it does not hold.'),
  403: problem('The key may not do this.'),
  404: problem('There is no such thing, or it belongs to another tenant.'),
  413: problem('The body is too large.'),
  415: problem('The body is not application/json.'),
  429: problem('Too many requests; `retry-after` says when to come back.'),
  500: problem('An unexpected error.'),
  503: problem('The service cannot answer now; `retry-after` says when to come back.'),
};

/** The errors that every route with this access and these parts can answer with. */
export function errorResponses(rule: AccessRule, parts: { body: boolean; params: boolean; input: boolean }) {
  const statuses: (keyof typeof RESPONSES)[] = [429, 500, 503];
  if (rule.kind !== 'public') statuses.push(401);
  if (rule.kind !== 'public' && rule.kind !== 'internal') statuses.push(403);
  if (parts.input || rule.kind === 'internal') statuses.push(400);
  if (parts.params) statuses.push(404);
  if (parts.body) statuses.push(413, 415);
  return Object.fromEntries(statuses.map((status) => [status, RESPONSES[status]]));
}
