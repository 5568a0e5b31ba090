import { z } from 'zod';
import { wording } from './wording.ts';

/** RFC 3339 in UTC with milliseconds, the one form in which times leave RLaaS. */
export const timestampSchema = z.iso
  .datetime({ offset: false, precision: 3, error: wording })
  .meta({ description: 'RFC 3339, UTC, milliseconds.', examples: ['2026-03-01T09:30:00.000Z'] });

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;

/**
 * Milliseconds of a duration such as `90s`, `10m`, `72h`, `7d` or `250ms`; `undefined` when the text is none.
 * One number and one unit: `1h30m` is refused, so that two spellings of a duration cannot differ in a diff.
 */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** A duration as it is written in configuration; stays text, so that it is shown as it was written. */
export const durationSchema = z
  .string()
  .refine(
    (text) => parseDuration(text) !== undefined,
    'must be a number and one unit: 250ms, 90s, 10m, 72h, 7d',
  )
  .meta({ description: 'A number and one unit: ms, s, m, h, d.', examples: ['90s', '10m', '72h', '7d'] });
