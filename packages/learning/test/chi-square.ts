/**
 * Probability of frequencies at least as far from the expected ones, by Pearson's test: how often drawing from these
 * probabilities alone gives that. Cells of probability 0 must be empty and do not count.
 * @returns 0 where a cell of probability 0 is not empty
 */
export function chiSquareP(frequencies: readonly number[], probabilities: readonly number[]): number {
  const total = frequencies.reduce((sum, frequency) => sum + frequency, 0);
  let statistic = 0;
  let cells = 0;
  for (const [index, frequency] of frequencies.entries()) {
    const expected = (probabilities[index] ?? 0) * total;
    if (expected === 0) {
      if (frequency > 0) return 0;
      continue;
    }
    statistic += (frequency - expected) ** 2 / expected;
    cells += 1;
  }
  return cells < 2 ? 1 : upperGamma((cells - 1) / 2, statistic / 2);
}

/** Q(a, x), the regularised upper incomplete gamma function, by its series or its continued fraction. */
function upperGamma(a: number, x: number): number {
  const factor = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x === 0) return 1;
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10_000 && term > sum * 1e-15; n += 1) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - sum * factor;
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i += 1) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return factor * h;
}

/** ln Γ(x) by Stirling's series, from x + 10 downwards. */
function logGamma(x: number): number {
  let shift = 0;
  for (let i = 0; i < 10; i += 1) shift += Math.log(x + i);
  const y = x + 10;
  const series = 1 / (12 * y) - 1 / (360 * y ** 3) + 1 / (1260 * y ** 5);
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift;
}
