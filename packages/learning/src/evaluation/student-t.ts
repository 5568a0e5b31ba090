/**
 * Quantile of Student's t distribution for two tails (Hill, Algorithm 396, Communications of the ACM, 1970), to about
 * six digits.
 * @param probability of lying outside of ± the quantile, in (0, 1)
 * @param freedom degrees of freedom, at least 1
 */
export function studentQuantile(probability: number, freedom: number): number {
  if (freedom <= 1) return 1 / Math.tan((probability * Math.PI) / 2);
  if (freedom <= 2) return Math.sqrt(2 / (probability * (2 - probability)) - 2);
  const a = 1 / (freedom - 0.5);
  const b = 48 / (a * a);
  let c = ((20_700 * a) / b - 98) * a * a - 16 * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * freedom;
  let x = d * probability;
  let y = x ** (2 / freedom);
  if (y > 0.05 + a) {
    x = normalQuantile(probability / 2);
    y = x * x;
    if (freedom < 5) c += 0.3 * (freedom - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = Math.expm1(a * y * y);
  } else {
    y =
      ((1 / (((freedom + 6) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2) * 3) + 0.5 / (freedom + 4)) *
        y -
        1) *
        ((freedom + 1) / (freedom + 2)) +
      1 / y;
  }
  return Math.sqrt(freedom * y);
}

/** Quantile of the standard normal distribution (Acklam's rational approximation, relative error below 1.2e-9). */
function normalQuantile(probability: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  ];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  const horner = (coefficients: readonly number[], x: number): number =>
    coefficients.reduce((sum, one) => sum * x + one, 0);
  if (probability < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(probability));
    return horner(c, q) / horner([...d, 1], q);
  }
  const q = probability - 0.5;
  const r = q * q;
  return (horner(a, r) * q) / horner([...b, 1], r);
}
