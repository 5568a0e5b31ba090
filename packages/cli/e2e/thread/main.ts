// `make thread`: the whole loop on real data. A policy that knows nothing learns to read digits from being told
// whether its answers were right; printed is how often they are.
import { setTimeout as sleep } from 'node:timers/promises';
import { SEED_API_KEY } from '@rlaas/schemas';
import { interrupt, makePlace, startDev } from '../dev-stack.ts';
import { runApplication } from './application.ts';
import { readDigits } from '../../demo/digits.ts';
import { POLICY, countRows, installPolicy } from './installation.ts';

const DECISIONS = 2_000;
const PER_LINE = 200;
const EACH_MS = 25;

const place = await makePlace();
console.log('starting an installation of its own …');
const stack = startDev(place);
try {
  await stack.ready;
  await installPolicy(place);
  console.log(`${DECISIONS.toLocaleString('en')} decisions, ten actions each; by chance 10 % are right\n`);
  console.log('decisions    right');
  let right = 0;
  let last = 0;
  await runApplication({
    origin: place.origin,
    key: SEED_API_KEY,
    policy: POLICY,
    digits: readDigits(),
    decisions: DECISIONS,
    eachMs: EACH_MS,
    onDecision(index, wasRight) {
      if (wasRight) right += 1;
      if ((index + 1) % PER_LINE !== 0) return;
      last = right / PER_LINE;
      const from = String(index + 2 - PER_LINE).padStart(5);
      console.log(
        `${from}–${String(index + 1).padEnd(5)}  ${(last * 100).toFixed(1).padStart(5)} %  ${'█'.repeat(Math.round(last * 40))}`,
      );
      right = 0;
    },
  });
  let counts = await countRows(place);
  for (let waited = 0; waited < 30_000 && counts.learned < DECISIONS; waited += 250) {
    await sleep(250);
    counts = await countRows(place);
  }
  console.log(
    `\nin Postgres: ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
  if (last < 0.6) {
    console.error(
      `the last ${PER_LINE} were right in ${(last * 100).toFixed(1)} %, at least 60 % were expected`,
    );
    process.exitCode = 1;
  }
} catch (error) {
  console.error(stack.output().split('\n').slice(-30).join('\n'));
  throw error;
} finally {
  await interrupt(stack);
  await place.remove();
}
