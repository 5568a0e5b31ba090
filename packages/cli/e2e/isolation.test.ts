// Who may call what, for every operation that any service documents, tried with every kind of credential that must not
// open it. The list is read from the running services, so a new route is in it by itself.
import { SEED_API_KEY } from '@rlaas/schemas';
import { newId, withOwner } from '@rlaas/database';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../test/run-cli.ts';
import { type DevStack, type Place, ask, interrupt, makePlace, startDev } from './dev-stack.ts';

type Access =
  | 'public'
  | 'any-key'
  | 'operator'
  | 'internal'
  | 'forwarded'
  | { scope: string; publishable?: boolean };
interface Operation {
  service: string;
  /** Its own address, and the gateway's where it forwards. */
  bases: string[];
  method: string;
  /** As the document has it. */
  template: string;
  /** With examples for its parameters. */
  path: string;
  access: Access;
}

let here: Place;
let stack: DevStack;
let operations: Operation[] = [];
const keys: Record<string, string> = {};
/** What stands for a parameter of a path: things that the seed tenant owns. */
const examples: Record<string, string> = {
  tenant: 'acme-support',
  policy: 'support-draft',
  event: newId(Date.now()),
  import: newId(Date.now()),
  type: 'outcome',
  version: '1',
  decision_id: newId(Date.now()),
  job: newId(Date.now()),
  evaluation: newId(Date.now()),
};
/** What a request must hold to come as far as the thing that it names. */
const bodies: Record<string, unknown> = {
  'POST /v1/policies/{policy}/versions': { name: 'of-another', configuration: {} },
  'POST /v1/reward-specs/{policy}/recompute': {
    version: 1,
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
    dry_run: true,
  },
  'POST /v1/rollouts': { policy: 'support-draft', version: 'support-draft-v0' },
  'POST /v1/rollouts/{rollout}/advance': { revision: 1 },
  'POST /v1/rollouts/{rollout}/approve': { revision: 1, reason: 'test' },
  'POST /v1/rollouts/{rollout}/rollback': { reason: 'test' },
  'POST /v1/policies/{policy}/versions/{version}/pin': { checkpoint: null },
  'POST /v1/training-runs': {
    policy: 'support-draft',
    version: 'support-draft-v0',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
  },
  'POST /v1/evaluations': {
    policy: 'support-draft',
    target: { version: 'support-draft-v0' },
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
  },
};
/** Operations whose body names a thing. */
const namingBodies = new Set(['POST /v1/training-runs', 'POST /v1/evaluations']);
/** The same for queries. */
const queries: Record<string, string> = {
  'GET /v1/reward-specs/{policy}/difference': '?from=1&to=1',
};

beforeAll(async () => {
  // Hundreds of refusals in a second are what this is about.
  here = await makePlace({ RATE_LIMIT_FAILED_AUTH: '100000' });
  stack = startDev(here);
  await stack.ready;
  const { ownerUrl, appUrl } = JSON.parse(await readFile(join(here.state, 'connection.json'), 'utf8')) as {
    ownerUrl: string;
    appUrl: string;
  };
  const known = { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl };
  const keyOf = async (...args: string[]): Promise<string> => {
    const ended = await runCli(['key', 'create', '--name', 'test', ...args], known);
    if (ended.code !== 0) throw new Error(ended.stderr);
    return ended.stdout.split('\n')[0] ?? '';
  };
  const mine = ['--tenant', 'acme-support'];
  keys['operator'] = await keyOf('--operator');
  const other = await ask(`${here.origin}/v1/tenants`, {
    key: keys['operator'],
    method: 'POST',
    body: { slug: 'other', name: 'Other' },
  });
  if (other.status !== 201) throw new Error(JSON.stringify(other));
  keys['other tenant'] = (other.body['api_key'] as { key: string }).key;
  keys['admin'] = SEED_API_KEY;
  keys['one scope'] = await keyOf(...mine, '--scope', 'events:replay');
  keys['publishable'] = await keyOf(
    ...mine,
    '--kind',
    'publishable',
    '--scope',
    'decide,events:write',
    '--origin',
    'https://a.example',
  );
  keys['revoked'] = await keyOf(...mine, '--scope', 'admin');
  keys['expired'] = await keyOf(...mine, '--scope', 'admin');
  await withOwner(ownerUrl, async (client) => {
    await client.query(
      "update rlaas.api_keys set revoked_at = now() - interval '1 minute' where prefix = $1",
      [keys['revoked']?.slice(0, 16)],
    );
    await client.query(
      "update rlaas.api_keys set expires_at = now() - interval '1 minute' where prefix = $1",
      [keys['expired']?.slice(0, 16)],
    );
    const { rows } = await client.query<{ id: string }>(
      "select id from rlaas.api_keys where prefix = 'acme-support-key'",
    );
    examples['id'] = rows[0]?.id ?? '';
  });
  await ask(`${here.origin}/v1/events`, {
    key: SEED_API_KEY,
    method: 'POST',
    body: {
      events: [
        {
          id: examples['event'],
          type: 'reward',
          occurred_at: new Date().toISOString(),
          source: 'test',
          decision_id: newId(Date.now()),
          data: { value: 1 },
        },
      ],
    },
  });
  const made = await ask(`${here.origin}/v1/imports`, {
    key: SEED_API_KEY,
    method: 'POST',
    body: { source: 'test', digest: '0'.repeat(64) },
  });
  examples['import'] = String(made.body['import_id']);
  const rollout = await ask(`${here.origin}/v1/rollouts`, {
    key: SEED_API_KEY,
    method: 'POST',
    body: { policy: 'support-draft', version: 'support-draft-v0' },
  });
  if (rollout.status !== 201) throw new Error(JSON.stringify(rollout));
  examples['rollout'] = String(rollout.body['id']);
  keys['unknown'] = 'rlk_000000000000_00000000000000000000000000000000';
  operations = await readOperations();
});
afterAll(async () => {
  await interrupt(stack);
  await here.remove();
});

async function readOperations(): Promise<Operation[]> {
  const found: Operation[] = [];
  for (const service of ['gateway', 'collector', 'reward', 'trainer']) {
    const base = `http://127.0.0.1:${here.environment[`${service.toUpperCase()}_PORT`]}`;
    const document = (await ask(`${base}/openapi.json`)).body as {
      paths: Record<string, Record<string, { 'x-rlaas-access': Access }>>;
    };
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const access = operation['x-rlaas-access'];
        const forwarded = service !== 'gateway' && path !== '/v1/whoami';
        found.push({
          service,
          bases: forwarded && access !== 'public' && access !== 'internal' ? [base, here.origin] : [base],
          method: method.toUpperCase(),
          template: path,
          path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
            const value =
              name === 'version' && path.startsWith('/v1/policies/') ? 'support-draft-v0' : examples[name];
            if (value === undefined) throw new Error(`${path}: give an example for {${name}}`);
            return value;
          }),
          access,
        });
      }
    }
  }
  return found;
}

/** What a credential must be answered with; `undefined`: it may pass, or its tenant simply has other things. */
function refusalOf(
  credential: string,
  { access, method, path, template }: Operation,
): [number, string] | undefined {
  if (access === 'public' || access === 'forwarded') return undefined;
  if (access === 'internal') return [401, 'unauthenticated'];
  const invalid = {
    none: 'unauthenticated',
    unknown: 'invalid_key',
    expired: 'key_expired',
    revoked: 'key_revoked',
  }[credential];
  if (invalid) return [401, invalid];
  if (access === 'operator') return credential === 'operator' ? undefined : [403, 'operator_required'];
  if (access === 'any-key') return credential === 'publishable' ? [403, 'origin_refused'] : undefined;
  if (credential === 'operator') return [403, 'tenant_required'];
  if (credential === 'one scope' && access.scope !== 'events:replay') return [403, 'scope_missing'];
  if (credential === 'publishable') {
    return access.publishable ? [403, 'origin_refused'] : [403, 'publishable_key_refused'];
  }
  // A PUT makes a thing of that name for whoever asks: names are each tenant's own.
  const namesAThing =
    namingBodies.has(`${method} ${template}`) ||
    ['tenant', 'policy', 'id', 'event', 'import', 'rollout', 'evaluation'].some((name) =>
      path.split('/').includes(examples[name] ?? ''),
    );
  if (credential === 'other tenant' && namesAThing && method !== 'PUT') return [404, 'not_found'];
  return undefined;
}

describe('every operation of every service', () => {
  test('the list is not empty and every operation says who may call it', () => {
    expect(operations.length).toBeGreaterThan(20);
    expect(operations.filter((operation) => operation.access === undefined)).toEqual([]);
    expect(new Set(operations.map((operation) => operation.service)).size).toBe(4);
  });

  test.for([
    'none',
    'unknown',
    'expired',
    'revoked',
    'one scope',
    'publishable',
    'operator',
    'other tenant',
    'admin',
  ])('a key that is: %s', async (credential) => {
    const wrong: string[] = [];
    let refused = 0;
    for (const operation of operations) {
      const wanted = refusalOf(credential, operation);
      if (!wanted) continue;
      for (const base of operation.bases) {
        const key = credential === 'none' ? undefined : keys[credential];
        const query = queries[`${operation.method} ${operation.template}`] ?? '';
        const answer = await ask(`${base}${operation.path}${query}`, {
          method: operation.method,
          ...(key === undefined ? {} : { key }),
          ...(operation.method === 'POST' ? { body: bodies[`POST ${operation.template}`] ?? {} } : {}),
        });
        refused += 1;
        if (answer.status !== wanted[0] || answer.body['code'] !== wanted[1]) {
          wrong.push(
            `${operation.method} ${base}${operation.path}: ${answer.status} ${String(answer.body['code'])}, not ${wanted.join(' ')}`,
          );
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });

  test("another tenant's lists show nothing of this one", async () => {
    for (const path of [
      '/v1/policies',
      '/v1/training-runs',
      '/v1/evaluations',
      '/v1/api-keys',
      '/v1/events',
      '/v1/dead-letters',
    ]) {
      const { body } = await ask(`${here.origin}${path}`, { key: keys['other tenant'] ?? '' });
      expect(JSON.stringify(body)).not.toContain('support-draft');
      expect(JSON.stringify(body)).not.toContain('acme-support');
      expect(JSON.stringify(body)).not.toContain(examples['event']);
    }
  });

  test('a page of an allowed origin reports what happened through the gateway, after its browser asked', async () => {
    const asked = await fetch(`${here.origin}/v1/events`, {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://a.example',
    ]);
    const event = {
      id: newId(Date.now()),
      type: 'outcome',
      occurred_at: new Date().toISOString(),
      source: 'page',
      decision_id: newId(Date.now()),
      data: { name: 'sent', value: true },
    };
    // As sendBeacon does, which can neither set headers nor send JSON as such.
    const sent = await fetch(`${here.origin}/v1/events?key=${keys['publishable']}`, {
      method: 'POST',
      headers: { origin: 'https://a.example', 'content-type': 'text/plain' },
      body: JSON.stringify({ events: [event] }),
    });
    expect(sent.status).toBe(200);
    expect(await sent.json()).toMatchObject({ counts: { accepted: 1 } });
  });

  test('the headers by which services trust each other are worth nothing from outside', async () => {
    const response = await fetch(`${here.origin}/v1/policies`, {
      headers: {
        'x-rlaas-internal-token': 'x'.repeat(64),
        'x-rlaas-tenant': '0190a000-0000-7000-8000-000000000001',
      },
    });
    expect(response.status).toBe(401);
  });

  test('a revoked key is refused within 5 s by every service that knew it', async () => {
    const created = await ask(`${here.origin}/v1/api-keys`, {
      key: SEED_API_KEY,
      method: 'POST',
      body: { name: 'short life', scopes: ['policies:read'] },
    });
    const key = String(created.body['key']);
    const bases = operations
      .filter((operation) => operation.path === '/v1/whoami')
      .map((operation) => operation.bases[0]);
    expect(bases).toHaveLength(4);
    const statuses = async () =>
      Promise.all(bases.map(async (base) => (await ask(`${base}/v1/whoami`, { key })).status));
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    await ask(`${here.origin}/v1/api-keys/${String(created.body['id'])}`, {
      key: SEED_API_KEY,
      method: 'DELETE',
    });
    await expect.poll(statuses, { timeout: 5_500 }).toEqual([401, 401, 401, 401]);
  });
});
