import { distance } from 'fastest-levenshtein';
import { ownWords } from './own-words.ts';

/**
 * Characters of each text that are compared beyond what both have in common at their ends: the time grows with the
 * product of both lengths.
 */
const MOST_COMPARED = 8_000;

/**
 * How much of a draft is left in what was used: 1 where it was used as it was, 0 where nothing is left. One minus the
 * distance of Levenshtein over the length of the longer text, in UTF-16 units, of what a person wrote: greeting,
 * signature and quoted text do not count. Of what differs, only the first 8,000 characters are compared.
 */
export function editSimilarity(draft: string, final: string): number {
  if (draft === final) return 1;
  let [before, after] = [ownWords(draft), ownWords(final)];
  // A message that is nothing but a greeting is compared as it is.
  if (before === '' || after === '') [before, after] = [draft.trim(), final.trim()];
  if (before === after) return 1;
  const prefix = commonPrefix(before, after);
  const suffix = commonSuffix(before, after, prefix);
  const [one, other] = [before, after].map((text) => text.slice(prefix, text.length - suffix)) as [
    string,
    string,
  ];
  const [shorter, longer] = [one.slice(0, MOST_COMPARED), other.slice(0, MOST_COMPARED)];
  const same = prefix + suffix;
  const length = same + Math.max(shorter.length, longer.length);
  return 1 - distance(shorter, longer) / length;
}

function commonPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.codePointAt(length) === b.codePointAt(length)) length += 1;
  return length;
}

function commonSuffix(a: string, b: string, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (length < most && a.charAt(a.length - 1 - length) === b.charAt(b.length - 1 - length)) length += 1;
  return length;
}
