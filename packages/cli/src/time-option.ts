import { CommandError, EXIT } from './exit-codes.ts';

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * The time of a flag as RLaaS writes times.
 * @throws CommandError when it is none
 */
export function timeOf(flag: string, text: string): string {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new CommandError(
      EXIT.usage,
      `${flag} ${text} is no time: write 2026-03-01, which begins at midnight UTC, or 2026-03-01T09:30:00Z.`,
    );
  }
  return new Date(ms).toISOString();
}
