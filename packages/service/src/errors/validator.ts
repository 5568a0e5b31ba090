import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { invalidRequest } from './errors.ts';
import { validationIssues } from './validation-issues.ts';

const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  body: [],
  querystring: ['query'],
  params: ['params'],
  headers: ['headers'],
};

/** Validates each part of a request with its Zod schema; mistakes become one `invalid_request`. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'body' }) => {
  const prefix = PREFIXES[httpPart] ?? [httpPart];
  return (data) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    return { error: invalidRequest(validationIssues(result.error.issues, prefix)) };
  };
};
