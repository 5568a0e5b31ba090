import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('service-main.ts', import.meta.url));

export const requiredVariables = {
  INTERNAL_TOKEN: 'internal-token-of-at-least-32-characters',
  DATABASE_URL: 'postgres://rlaas:very-secret@localhost/rlaas',
};

/** A service that runs as a process of its own. */
export class ServiceProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #exited: Promise<unknown[]>;
  readonly #waiting = new Set<() => void>();

  constructor(variables: Record<string, string>, { ipc = false } = {}) {
    this.child = spawn(process.execPath, [MAIN], {
      env: variables,
      stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      for (const look of this.#waiting) look();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    // Not `close`, which does not come for a child whose IPC channel was closed on this side.
    this.#exited = Promise.all(
      [
        once(this.child, 'exit'),
        this.child.stdout && once(this.child.stdout, 'close'),
        this.child.stderr && once(this.child.stderr, 'close'),
      ].filter((end) => end !== null),
    ).then(([exit]) => exit ?? []);
  }

  /** Waits until the process wrote what matches; fails when it ends before. */
  async wrote(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(this.stdout);
      if (match) resolve(match);
    };
    this.#waiting.add(look);
    look();
    const ended = this.#exited.then(() => {
      throw new Error(`it ended before it wrote ${pattern}:\n${this.stdout}\n${this.stderr}`);
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      this.#waiting.delete(look);
    }
  }

  /** Waits for the two ports of a service that listens. */
  async listening(): Promise<{ url: string; metricsUrl: string }> {
    const match = await this.wrote(/@listening (\d+) (\d+)/);
    return { url: `http://127.0.0.1:${match[1]}`, metricsUrl: `http://127.0.0.1:${match[2]}/metrics` };
  }

  /** The exit code, or the name of the signal that ended the process. */
  async ended(): Promise<number | string> {
    const [code, signal] = await this.#exited;
    return (code ?? signal) as number | string;
  }

  /** What the service itself said, in order; its log lines left out. */
  said(): string[] {
    return this.stdout
      .split('\n')
      .filter((line) => line.startsWith('@') && !line.startsWith('@listening'))
      .map((line) => line.slice(1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.#exited;
  }
}
