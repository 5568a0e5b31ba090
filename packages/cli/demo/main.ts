// `make demo`: the whole loop on real data, over HTTP, on an installation of its own.
import { SEED_API_KEY } from '@rlaas/schemas';
import { createClient } from './client.ts';
import { readDigits } from './digits.ts';
import { runStoreHistory } from './history/store-history.ts';
import { storeReport } from './history/store-report.ts';
import { interrupt, makePlace, startDev } from './installation.ts';
import { type LiveProgress, runLiveLoop } from './live/live-loop.ts';
import { FULL, QUICK } from './live/live-size.ts';
import { liveReport } from './report.ts';
import { createStatus } from './status.ts';

const options = process.argv.slice(2);
const unknown = options.find((option) => !['--quick', '--keep'].includes(option));
if (unknown !== undefined) {
  process.stderr.write(
    `demo: there is no "${unknown}"; there are --quick (1 minute) and --keep (goes on until Ctrl-C)\n`,
  );
  process.exit(2);
}
const size = options.includes('--quick') ? QUICK : FULL;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const status = createStatus(process.stdout, Date.now);

const startedAt = Date.now();
print('starting an installation of its own: a database and four services …');
const place = await makePlace();
const stack = startDev(place);
const interrupted = Promise.withResolvers<never>();
process.once('SIGINT', () => interrupted.reject(new Error('interrupted')));
process.once('SIGTERM', () => interrupted.reject(new Error('interrupted')));
interrupted.promise.catch(() => undefined);
try {
  await Promise.race([stack.ready, interrupted.promise]);
  await Promise.race([show(), interrupted.promise]);
  if (options.includes('--keep')) {
    print(`\nIt goes on running at ${place.origin} (key ${SEED_API_KEY}); Ctrl-C ends it.`);
    await interrupted.promise.catch(() => undefined);
  }
} catch (error) {
  status.end();
  if (error instanceof Error && error.message === 'interrupted') process.exitCode = 130;
  else {
    process.stderr.write(`${stack.output().split('\n').slice(-30).join('\n')}\n`);
    throw error;
  }
} finally {
  await interrupt(stack);
  await place.remove();
}

async function show(): Promise<void> {
  const client = createClient(place.origin, SEED_API_KEY);
  print('\n1. History\n');
  const history = await runStoreHistory(client, {
    origin: place.origin,
    key: SEED_API_KEY,
    onStep: (what) => status.say(`  ${what}`),
  });
  print(
    '\n2. A live loop: an application shows pictures of digits, asks which one it is, and reports right or wrong\n',
  );
  const result = await runLiveLoop({
    client,
    digits: readDigits(),
    size,
    onProgress: (progress) => status.show(progressLine(progress)),
    onStep: ({ decisions, rollout }) => {
      const step = rollout.transitions.at(-1);
      const to = rollout.outcome ?? rollout.stage;
      status.say(
        `${String(decisions).padStart(6)} decisions: ${rollout.version} ${to}, ${(rollout.share * 100).toFixed(0)} % of the traffic (${step?.reason ?? step?.cause})`,
      );
    },
  });
  status.end();
  print(`\n${storeReport(history)}\n`);
  print(`${liveReport(result, size.exploration)}\n`);
  print(`All of it took ${((Date.now() - startedAt) / 1_000).toFixed(0)} s. What it means: docs/demo.md`);
  if (options.includes('--keep')) {
    print(
      `Look around: ${place.origin}/docs; curl -H 'authorization: Bearer ${SEED_API_KEY}' '${place.origin}/v1/rollouts?policy=digits'`,
    );
  } else print('To look around afterwards: make demo ARGS=--keep');
}

function progressLine({ decisions, accuracy, rollout }: LiveProgress): string {
  const { evidence, waiting_for: waiting } = rollout;
  const proof = evidence
    ? share(Math.max(evidence.promote.log_wealth, evidence.improve.log_wealth, 0), evidence.improve.threshold)
    : 0;
  const bar = '█'.repeat(Math.round(proof * 20)).padEnd(20, '░');
  const waits = waiting.map(({ code }) => code).join(', ');
  return `${String(decisions).padStart(6)} decisions, ${(accuracy * 100).toFixed(0).padStart(3)} % right; ${rollout.version} ${rollout.stage} ${(rollout.share * 100).toFixed(0)} %, proof ${bar}${waits === '' ? '' : ` waits for ${waits}`}`;
}

function share(part: number, whole: number): number {
  return Math.min(part / whole, 1);
}
