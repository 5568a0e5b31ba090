import { isIP } from 'node:net';
import { parseDuration } from '@rlaas/schemas';
import { z } from 'zod';

const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/** A yes or no. Any word but true, false, 1, 0, yes, no, on, off is refused: a typing mistake must not mean "no". */
export function booleanField(otherwise: boolean) {
  return z
    .string()
    .default(String(otherwise))
    .transform((text, context) => {
      const word = text.trim().toLowerCase();
      if (TRUE.has(word)) return true;
      if (FALSE.has(word)) return false;
      return refuse(context, 'must be true or false (also 1, 0, yes, no, on, off)');
    });
}

/** Texts between commas, without the blanks around them; empty ones are left out. Absent: none. */
export const csvField = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

/** A duration such as `90s`, in milliseconds. `otherwise` is written the same way. */
export function durationMs(otherwise: string) {
  return z
    .string()
    .default(otherwise)
    .transform((text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds !== undefined) return milliseconds;
      return refuse(context, 'must be a number and one unit: 250ms, 90s, 10m, 72h, 7d');
    });
}

/** A whole number from `min` to `max`, both included. */
export function countField(otherwise: number, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
  return z
    .string()
    .default(String(otherwise))
    .transform((text, context) => {
      const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      if (number >= min && number <= max) return number;
      const upTo = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
      return refuse(context, `must be a whole number ${upTo}`);
    });
}

/** A TCP port, 0 to 65535; 0 lets the system choose one. */
export function portField(otherwise: number) {
  return countField(otherwise, { min: 0, max: 65_535 });
}

/** A URL with one of `protocols` (written as `https:`). Required: add `.optional()` where it is not. */
export function urlField(protocols: readonly string[] = ['http:', 'https:']) {
  const allowed = `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return z.string({ error: `is required: ${allowed}` }).refine((text) => {
    const url = URL.parse(text);
    return url !== null && url.host !== '' && protocols.includes(url.protocol);
  }, allowed);
}

/** A secret of at least `min` characters. Required. Its value is never printed. */
export function secretField({ min }: { min: number }) {
  const allowed = `at least ${min} characters, for example of \`openssl rand -hex ${Math.ceil(min / 2)}\``;
  return z.string({ error: `is required: ${allowed}` }).min(min, `needs ${allowed}`);
}

const NAMED_NETWORKS = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Addresses and networks between commas: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`, or `loopback`. Absent: none. */
export const networksField = csvField.superRefine((networks, context) => {
  for (const network of networks) {
    if (!isNetwork(network)) {
      context.addIssue({
        code: 'custom',
        message: 'must be addresses or networks between commas, such as 10.0.0.0/8 or loopback',
      });
      return;
    }
  }
});

function isNetwork(text: string): boolean {
  if (NAMED_NETWORKS.has(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

function refuse(context: z.core.$RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
