import type { RewardFinding } from '@rlaas/schemas';
import { RlaasError } from '@rlaas/service';

/** A definition that can make no rewards. @param at where it stands in the request */
export function specificationRefused(mistakes: readonly RewardFinding[], at: string): RlaasError {
  const errors = mistakes.map(({ path, message, code, line, column }) => ({
    path: `${at}${path}`,
    message,
    code,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  }));
  const [first] = errors;
  const place = first?.line === undefined ? '' : ` (line ${first.line}, column ${first.column})`;
  // What only waits for a release is told from what is wrong.
  const unavailable = mistakes.length > 0 && mistakes.every(({ code }) => code === 'grader_unavailable');
  return new RlaasError(unavailable ? 'grader_unavailable' : 'invalid_request', {
    detail: first && `${first.path}${place}: ${first.message}`,
    path: first?.path,
    errors,
  });
}
