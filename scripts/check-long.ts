// All tests again and again, to find the one that passes most of the time; then faults against collector and gateway and
// hostile bodies for longer than CI has time for.
import { spawnSync } from 'node:child_process';

const rounds = Number(process.argv[2] ?? 10);
let failed = 0;
for (let round = 1; round <= rounds; round += 1) {
  const startedAt = Date.now();
  const env = { ...process.env, RLAAS_CHECK_LONG: '1' };
  const ended = spawnSync('vitest', ['run', '--reporter=dot'], { encoding: 'utf8', env });
  const ok = ended.status === 0;
  if (!ok) {
    failed += 1;
    process.stdout.write(`${ended.stdout}${ended.stderr}\n`);
  }
  process.stdout.write(
    `round ${round} of ${rounds}: ${ok ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - startedAt) / 1_000)} s\n`,
  );
}
process.stdout.write(`${rounds - failed} of ${rounds} rounds passed\n`);
const chaos = spawnSync('node', ['apps/collector/test/chaos/main.ts', 'all'], { stdio: 'inherit' });
const gateway = spawnSync('node', ['apps/gateway/test/chaos/main.ts'], { stdio: 'inherit' });
const hostile = spawnSync('node', ['apps/collector/test/hostile/main.ts', '--mutations', '100000'], {
  stdio: 'inherit',
});
process.exitCode = failed === 0 && chaos.status === 0 && gateway.status === 0 && hostile.status === 0 ? 0 : 1;
