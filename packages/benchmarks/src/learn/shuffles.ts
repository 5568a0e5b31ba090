import { uniformOf } from '@rlaas/learning';

/**
 * Orders of the rows of a data set, the same in every run: each learner sees each of them, so that two learners differ
 * by what they are and not by the order.
 * @returns `count` permutations of 0 … rows − 1 (Fisher and Yates)
 */
export function shufflesOf(dataset: string, rows: number, count: number): number[][] {
  return Array.from({ length: count }, (_, shuffle) => {
    const order = Array.from({ length: rows }, (_unused, row) => row);
    for (let last = rows - 1; last > 0; last -= 1) {
      const other = Math.floor(uniformOf('shuffle', dataset, String(shuffle), String(last)) * (last + 1));
      const moved = order[last] ?? 0;
      order[last] = order[other] ?? 0;
      order[other] = moved;
    }
    return order;
  });
}
