import { spawnSync } from 'node:child_process';
import { EXIT } from '../exit-codes.ts';
import type { Finding } from './finding.ts';

/** Whether Docker and its compose plugin answer; `needed` for `make up` only. */
export function checkDocker(
  environment: Readonly<Record<string, string | undefined>>,
  needed: boolean,
): Finding {
  const what = 'Docker';
  const env = environment as NodeJS.ProcessEnv;
  const wrong = (message: string): Finding =>
    needed
      ? { what, verdict: 'wrong', message, exitCode: EXIT.dockerMissing }
      : { what, verdict: 'note', message: `${message} Only "make up" needs it; "make dev" does not.` };
  const server = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
    env,
  });
  if (server.error) return wrong('the program "docker" is not installed.');
  if (server.status !== 0) {
    return wrong(
      `the engine does not answer (${server.stderr.trim().split('\n')[0]}). Start it, or ask for access.`,
    );
  }
  const compose = spawnSync('docker', ['compose', 'version', '--short'], { encoding: 'utf8', env });
  if (compose.status !== 0) return wrong('its compose plugin is not installed.');
  return { what, verdict: 'fine', message: `${server.stdout.trim()}, compose ${compose.stdout.trim()}` };
}
