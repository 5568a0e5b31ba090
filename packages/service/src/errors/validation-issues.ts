import type { ProblemIssue } from '@rlaas/schemas';
import type { z } from 'zod';
import { jsonPointer } from './json-pointer.ts';

// An answer stays small however many mistakes a request makes and however long the names in it are.
const MAX_ISSUES = 100;
const MAX_TEXT = 300;

/**
 * What Zod found, for the caller: one entry per mistake with a JSON pointer to it, at most a hundred.
 * `prefix` says which part of the request it is; a body has none, so that its pointers are those of the document.
 */
export function validationIssues(
  issues: readonly z.core.$ZodIssue[],
  prefix: readonly string[] = [],
): ProblemIssue[] {
  return issues
    .flatMap((issue) => flatten(issue, prefix))
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path: shorten(path), message: shorten(message) }));
}

function flatten(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): ProblemIssue[] {
  const path = [...prefix, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      // Zod points at the object; the mistake is each key.
      return issue.keys.slice(0, MAX_ISSUES).map((key) => ({
        path: jsonPointer([...path, key]),
        message: 'is not known here',
      }));
    case 'invalid_union': {
      // "Invalid input" helps nobody: show the alternative that came closest.
      const closest = issue.errors.toSorted((one, other) => one.length - other.length)[0];
      if (closest && closest.length > 0) return closest.flatMap((inner) => flatten(inner, path));
      return [{ path: jsonPointer(path), message: issue.message }];
    }
    case 'invalid_key':
    case 'invalid_element':
      return [{ path: jsonPointer(path), message: issue.issues[0]?.message ?? issue.message }];
    default:
      return [{ path: jsonPointer(path), message: issue.message }];
  }
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
