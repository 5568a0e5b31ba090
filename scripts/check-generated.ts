// Writes all generated files anew and refuses when that changes any: then the committed ones are stale.
import { spawnSync } from 'node:child_process';

const GENERATED = ['docs/openapi', 'config/db/init.sql', 'config/schemas'];

const run = (program: string, ...args: string[]): { ok: boolean; output: string } => {
  const ended = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
  return { ok: ended.status === 0, output: `${ended.stdout}${ended.stderr}` };
};

const generated = run('node_modules/.bin/turbo', 'run', 'generate', '--output-logs=errors-only');
if (!generated.ok) {
  console.error(generated.output);
  process.exit(1);
}
// Against the index, so that a generated file which was just staged counts as committed; new ones must be known to git.
const changed = run('git', 'diff', '--exit-code', '--stat', '--', ...GENERATED);
const unknown = run('git', 'ls-files', '--others', '--exclude-standard', '--', ...GENERATED);
if (!changed.ok || unknown.output.trim() !== '') {
  console.error(
    `${changed.output}${unknown.output}these generated files are stale: run "npm run generate" and commit them`,
  );
  process.exit(1);
}
