// RLaaS's side of the bench, in a process of its own: reads the arrays of a folder, estimates, says how long that took.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EstimatorSums, estimate } from '@rlaas/learning';
import type { OpeAnswer, OpeJob } from './ope-job.ts';

process.on('message', (job: OpeJob) => {
  const answer = work(job);
  if (process.connected) process.send?.(answer);
});
process.once('disconnect', () => process.exit());

function work({ folder, rows, actions }: OpeJob): OpeAnswer {
  const read = (name: string): Float64Array => {
    const bytes = readFileSync(join(folder, `${name}.f64`));
    return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  };
  const [reward, chosen, propensity] = [read('reward'), read('chosen'), read('propensity')];
  const [target, expected] = [read('target'), read('expected')];
  const began = performance.now();
  const sums = new EstimatorSums();
  for (let row = 0; row < rows; row += 1) {
    const from = row * actions;
    let expectedTarget = 0;
    for (let action = 0; action < actions; action += 1) {
      expectedTarget += (target[from + action] ?? 0) * (expected[from + action] ?? 0);
    }
    const own = from + (chosen[row] ?? 0);
    sums.add({
      reward: reward[row] ?? 0,
      propensity: propensity[row] ?? 0,
      target: target[own] ?? 0,
      expected: expected[own] ?? 0,
      expectedTarget,
      uncovered: 0,
    });
  }
  const made = estimate(sums);
  const seconds = (performance.now() - began) / 1_000;
  const { ips, snips, dm, dr, sndr, switchDr, drOs } = made;
  return {
    seconds,
    peak: process.resourceUsage().maxRSS * 1_024,
    values: {
      ips: ips.value,
      snips: snips.value,
      dm: dm.value,
      dr: dr.value,
      sndr: sndr.value,
      switch_dr: switchDr.value,
      dr_os: drOs.value,
    },
  };
}
