import type { z } from 'zod';

/** What is wrong with a value: path and message of each mistake, in order. */
export function mistakes(schema: z.ZodType, value: unknown): string[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.map((issue) => `/${issue.path.map(String).join('/')} ${issue.message}`);
}
