import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What a command gets from this process: nothing that would tell it of a database or a port. */
function cleanEnvironment(variables: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const own = ['PATH', 'HOME', 'TMPDIR', 'USER', 'LANG'];
  return { ...Object.fromEntries(own.map((name) => [name, process.env[name]])), ...variables };
}

/** Runs `rlaas` as a person would, in a process of its own, to its end. */
export function runCli(args: string[], variables: Record<string, string | undefined> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: cleanEnvironment(variables),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
