/** Least and largest number that something can be; infinite where it is not known. */
export interface Interval {
  least: number;
  largest: number;
}

export const ANY: Interval = { least: Number.NEGATIVE_INFINITY, largest: Number.POSITIVE_INFINITY };

export function point(value: number): Interval {
  return { least: value, largest: value };
}

/** Rounding keeps the order of numbers, so what is computed at the ends encloses what is computed between them. */
function enclosing(ends: readonly number[]): Interval {
  return { least: Math.min(...ends), largest: Math.max(...ends) };
}

function known(least: number, largest: number): Interval {
  // Infinities of both signs meet: nothing is known.
  return {
    least: Number.isNaN(least) ? ANY.least : least,
    largest: Number.isNaN(largest) ? ANY.largest : largest,
  };
}

export function add(a: Interval, b: Interval): Interval {
  return known(a.least + b.least, a.largest + b.largest);
}

export function subtract(a: Interval, b: Interval): Interval {
  return known(a.least - b.largest, a.largest - b.least);
}

export function negate(a: Interval): Interval {
  return { least: -a.largest, largest: -a.least };
}

export function multiply(a: Interval, b: Interval): Interval {
  // Nothing times whatever is unbounded is nothing: numbers are finite.
  const product = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);
  return enclosing([
    product(a.least, b.least),
    product(a.least, b.largest),
    product(a.largest, b.least),
    product(a.largest, b.largest),
  ]);
}

/** @param b without 0 */
export function divide(a: Interval, b: Interval): Interval {
  const quotient = (x: number, y: number): number => (Number.isFinite(y) ? x / y : 0);
  const ends = [
    quotient(a.least, b.least),
    quotient(a.least, b.largest),
    quotient(a.largest, b.least),
    quotient(a.largest, b.largest),
  ];
  return ends.some(Number.isNaN) ? ANY : enclosing(ends);
}

export function includes({ least, largest }: Interval, value: number): boolean {
  return least <= value && value <= largest;
}

/** The smallest that holds both. */
export function union(a: Interval, b: Interval): Interval {
  return { least: Math.min(a.least, b.least), largest: Math.max(a.largest, b.largest) };
}

/** What both allow; `undefined`: nothing. */
export function intersection(a: Interval, b: Interval): Interval | undefined {
  const least = Math.max(a.least, b.least);
  const largest = Math.min(a.largest, b.largest);
  return least <= largest ? { least, largest } : undefined;
}
