/** A number as programs write it. With a leading zero or sign it is rather a code, such as 01099. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** What a field of CSV says: a number, true or false, or text; `undefined` where it is empty. */
export function typedText(text: string): number | boolean | string | undefined {
  if (text === '') return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}
