import { createTenantSchema, pageSchema, tenantSchema } from '@rlaas/schemas';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../src/openapi/documentation.ts';
import type { ServiceApp } from '../src/server/server.ts';
import { testApp, testServer } from './support/test-server.ts';

const documentSchema = z.looseObject({
  openapi: z.string(),
  info: z.object({ title: z.string(), version: z.string(), description: z.string().optional() }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        'x-rlaas-access': z.unknown(),
        security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
        responses: z.record(
          z.string(),
          z.looseObject({ content: z.record(z.string(), z.unknown()).optional() }),
        ),
        parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
      }),
    ),
  ),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
});

/** Sent with defaults left out, so what is sent and what is stored are two forms. */
const policySchema = z
  .object({ tenant: createTenantSchema, kind: z.string().default('plain') })
  .meta({ id: 'TestPolicy', description: 'Only for this test.' });

const declarations: ((app: ServiceApp) => void)[] = [
  (app) =>
    app.get(
      '/v1/policies',
      {
        config: { access: { scope: 'policies:read' } },
        schema: { response: { 200: pageSchema(tenantSchema) } },
      },
      () => ({ items: [], next_cursor: null }),
    ),
  (app) =>
    app.put(
      '/v1/policies/:policy',
      {
        config: { access: { scope: 'policies:write' } },
        schema: { params: z.object({ policy: z.string() }), body: policySchema },
      },
      () => ({}),
    ),
  (app) =>
    app.post('/v1/decisions', { config: { access: { scope: 'decide', publishable: true } } }, () => ({})),
  (app) => app.post('/internal/events', { config: { access: 'internal' } }, () => ({})),
];

function routes(app: ServiceApp): void {
  for (const declare of declarations) declare(app);
}

function routesTurnedAround(app: ServiceApp): void {
  for (const declare of declarations.toReversed()) declare(app);
}

async function documentOf(options: Parameters<typeof testApp>[0] = { routes }) {
  const { app } = await testApp(options);
  const text = await openApiDocument(app);
  await app.close();
  return { text, document: documentSchema.parse(JSON.parse(text)) };
}

describe('the OpenAPI document', () => {
  test('is of version 3.1 and names the service', async () => {
    const { document, text } = await documentOf({ routes, server: { description: 'What it is for.' } });
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toEqual({ title: 'RLaaS test', version: '1.2.3', description: 'What it is for.' });
    expect(text.endsWith('}\n')).toBe(true);
  });

  test('has every route of the service and none of the pages that show it', async () => {
    const { document } = await documentOf();
    expect(
      Object.entries(document.paths).map(([path, item]) => `${Object.keys(item).join()} ${path}`),
    ).toEqual([
      'get /healthz',
      'post /internal/events',
      'get /readyz',
      'post /v1/decisions',
      'get /v1/policies',
      'put /v1/policies/{policy}',
      'get /v1/whoami',
    ]);
  });

  test('says who may call each operation, and how', async () => {
    const { document } = await documentOf();
    const access = Object.fromEntries(
      Object.entries(document.paths).flatMap(([path, item]) =>
        Object.values(item).map((operation) => [path, [operation['x-rlaas-access'], operation.security]]),
      ),
    );
    expect(access).toEqual({
      '/healthz': ['public', []],
      '/readyz': ['public', []],
      '/internal/events': ['internal', [{ InternalToken: [] }]],
      '/v1/decisions': [{ scope: 'decide', publishable: true }, [{ ApiKey: [] }, { PublishableKey: [] }]],
      '/v1/policies': [{ scope: 'policies:read' }, [{ ApiKey: [] }]],
      '/v1/policies/{policy}': [{ scope: 'policies:write' }, [{ ApiKey: [] }]],
      '/v1/whoami': ['any-key', [{ ApiKey: [] }]],
    });
    expect(Object.keys(document.components.securitySchemes)).toEqual([
      'ApiKey',
      'PublishableKey',
      'InternalToken',
    ]);
  });

  test('has the errors that an operation can answer with, as problems', async () => {
    const { document } = await documentOf();
    const put = document.paths['/v1/policies/{policy}']?.['put'];
    expect(Object.keys(put?.responses ?? {})).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '413',
      '415',
      '429',
      '500',
      '503',
    ]);
    expect(put?.responses['403']?.content).toEqual({
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    });
    const health = document.paths['/healthz']?.['get'];
    expect(Object.keys(health?.responses ?? {})).toEqual(['200', '429', '500', '503']);
    const ready = document.paths['/readyz']?.['get'];
    expect(Object.keys(ready?.responses['503']?.content ?? {})).toEqual([
      'application/json',
      'application/problem+json',
    ]);
  });

  test('has the named schemas that it refers to as components, and no others', async () => {
    const { document, text } = await documentOf();
    const referred = new Set(
      [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]),
    );
    const names = Object.keys(document.components.schemas);
    expect(new Set(names)).toEqual(referred);
    expect(names.join()).toBe(names.toSorted((one, other) => (one < other ? -1 : 1)).join());
    expect(referred).toContain('Tenant');
    expect(referred).not.toContain('Policy');
    expect(document.components.schemas['TestPolicy']).toMatchObject({ required: ['tenant'] });
  });

  test('closes what is strict when it is sent, and no answer, to which members may be added', async () => {
    const { document } = await documentOf();
    expect(JSON.stringify(document.components.schemas['TestPolicy'])).toContain(
      '"additionalProperties":false',
    );
    for (const name of ['Tenant', 'Problem', 'Whoami']) {
      expect(JSON.stringify(document.components.schemas[name]), name).not.toContain('additionalProperties');
    }
  });

  test('is the same text whatever the order of registration', async () => {
    const first = await documentOf();
    const second = await documentOf({ routes: routesTurnedAround });
    expect(second.text).toBe(first.text);
  });

  test('is served, and so is a page that shows it without going elsewhere', async () => {
    await using server = await testServer({ routes });
    const served = await fetch(`${server.url}/openapi.json`);
    expect(served.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await served.text()).toBe(await openApiDocument(server.app));

    const page = await fetch(`${server.url}/docs`);
    const html = await page.text();
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("default-src 'none'");
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(sources.length).toBeGreaterThan(4);
    for (const source of sources) {
      const url = new URL(source, `${server.url}/docs`);
      expect(url.origin).toBe(server.url);
      expect((await fetch(url)).status, source).toBe(200);
    }
    expect(html).not.toMatch(/<script>[^<]/);
    expect(await (await fetch(`${server.url}/docs/json`)).json()).toEqual(
      JSON.parse(await openApiDocument(server.app)),
    );
  });
});
