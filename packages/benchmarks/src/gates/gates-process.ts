// Runs of the gate in a process of its own.
import type { GatesJob } from './gates-job.ts';
import { MUTANTS } from './mutants.ts';
import { NULLS, POWERS } from './scenarios.ts';
import { firing } from './simulate.ts';

process.on('message', (job: GatesJob) => {
  const answer = Array.from({ length: job.runs }, (_, run) => runOf(job, job.from + run));
  if (process.connected) process.send?.(answer);
});
process.once('disconnect', () => process.exit());

function runOf({ kind, index }: GatesJob, seed: number): number {
  if (kind === 'mutant') return MUTANTS[index]?.isWrong(seed) === true ? 1 : Number.POSITIVE_INFINITY;
  const scenario = (kind === 'null' ? NULLS : POWERS)[index];
  if (!scenario) throw new Error(`no scenario ${index}`);
  return firing(scenario, seed);
}
