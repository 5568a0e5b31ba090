import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** A picture of a digit, 8 × 8 pixels in [0, 1], and which digit it is. */
export interface Digit {
  pixels: number[];
  label: number;
}

/** All 1,797 digits in an order that is shuffled, and the same each time. */
export function readDigits(seed = 1): Digit[] {
  const file = gunzipSync(readFileSync(fileURLToPath(new URL('./data/digits.csv.gz', import.meta.url))));
  const digits = file
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number))
    .map((numbers) => ({
      pixels: numbers.slice(0, 64).map((pixel) => pixel / 16),
      label: numbers[64] ?? -1,
    }));
  // Fisher and Yates, with a linear congruential generator: any fixed order would do.
  let state = seed;
  for (let i = digits.length - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [digits[i], digits[j]] = [digits[j] as Digit, digits[i] as Digit];
  }
  return digits;
}
