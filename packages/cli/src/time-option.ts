import { CommandError, EXIT } from './exit-codes.ts';

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * The time of a flag as RLaaS writes times.
 * @throws CommandError when it is none
 */
function timeOf(flag: string, text: string): string {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new CommandError(
      EXIT.usage,
      `${flag} ${text} is no time: write 2026-03-01, which begins at midnight UTC, or 2026-03-01T09:30:00Z.`,
    );
  }
  return new Date(ms).toISOString();
}

/** Before anything was decided. */
const EARLIEST = '2000-01-01';

/**
 * The period of `--from` and `--to`: without them, all until now.
 * @throws CommandError when one of them is no time
 */
export function periodOf(
  { now }: { now: () => number },
  { from, to }: { from?: string | undefined; to?: string | undefined },
): { from: string; to: string } {
  return {
    from: timeOf('--from', from ?? EARLIEST),
    to: to === undefined ? new Date(now()).toISOString() : timeOf('--to', to),
  };
}
