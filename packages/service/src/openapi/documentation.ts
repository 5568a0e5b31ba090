import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteAccessGuard } from '../auth/route-access.ts';
import { DOCS_CONTENT_SECURITY_POLICY } from '../server/security-headers.ts';
import { errorResponses } from './error-responses.ts';
import { jsonSchemaOverride } from './json-schema-override.ts';
import { type Json, type JsonObject, tidyComponents } from './schema-components.ts';
import { securityOf, securitySchemes } from './security-schemes.ts';

export interface DocumentationOptions {
  service: string;
  version: string;
  description?: string | undefined;
  access: RouteAccessGuard;
}

/**
 * The OpenAPI 3.1 document, made of the schemas that requests are checked with, and a page that shows it.
 * Routes that are registered before are not in it.
 */
export async function documentRoutes(app: FastifyInstance, options: DocumentationOptions): Promise<void> {
  const { service, version, description, access } = options;
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `RLaaS ${service}`, version, ...(description !== undefined && { description }) },
      components: { securitySchemes },
    },
    transform,
    transformObject,
  });
  await access.exempt(() =>
    app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: DOCS_CONTENT_SECURITY_POLICY,
      theme: { title: `RLaaS ${service}` },
      uiConfig: { deepLinking: true, docExpansion: 'list' },
    }),
  );
  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(render(app)),
  );
}

/**
 * The OpenAPI document of a service as it is committed: the same routes always give the same text.
 * Makes the application ready.
 */
export async function openApiDocument(app: FastifyInstance): Promise<string> {
  await app.ready();
  return render(app);
}

function render(app: FastifyInstance): string {
  return `${JSON.stringify(app.swagger(), undefined, 2)}\n`;
}

const zodToJsonConfig = { override: jsonSchemaOverride };
const jsonSchemaTransform = createJsonSchemaTransform({ zodToJsonConfig });
const jsonSchemaTransformObject = createJsonSchemaTransformObject({ zodToJsonConfig });

/** For a route that does not say what it answers. */
const ANY_ANSWER = {
  200: { description: 'It went well.', content: { 'application/json': { schema: z.unknown() } } },
};

/** Adds to each operation who may call it and the errors that all routes have in common. */
const transform: SwaggerTransform = (route) => {
  const rule = route.route.config?.accessRule;
  // `{}`: a route without a schema is in the document too.
  const schema = route.schema ?? {};
  // What is forwarded is documented by the service that answers it.
  if (rule?.kind === 'forwarded') return jsonSchemaTransform({ ...route, schema: { hide: true } });
  if (rule === undefined || schema.hide === true) return jsonSchemaTransform({ ...route, schema });
  const parts = {
    body: schema.body !== undefined,
    params: schema.params !== undefined,
    input: [schema.body, schema.querystring, schema.params, schema.headers].some(
      (part) => part !== undefined,
    ),
  };
  const own = schema.response ?? {};
  const answers = Object.keys(own).some((status) => status.startsWith('2')) ? {} : ANY_ANSWER;
  return jsonSchemaTransform({
    ...route,
    schema: {
      ...schema,
      security: securityOf(rule),
      response: { ...answers, ...errorResponses(rule, parts), ...own },
      'x-rlaas-access': route.route.config?.access,
    } as typeof schema,
  });
};

const transformObject: SwaggerTransformObject = (document) => {
  // A copy: it turns objects with undefined members into what is sent.
  const complete = JSON.parse(JSON.stringify(jsonSchemaTransformObject(document))) as JsonObject & {
    paths: JsonObject;
    components: JsonObject & { schemas: JsonObject };
  };
  const paths: Json = Object.fromEntries(
    Object.entries(complete.paths).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
  const tidy = tidyComponents(paths, complete.components.schemas);
  return {
    ...complete,
    paths: tidy.paths,
    components: { ...complete.components, schemas: tidy.schemas },
  } as unknown as ReturnType<SwaggerTransformObject>;
};
