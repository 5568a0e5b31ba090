import { type ChildProcess, fork } from 'node:child_process';
import { BenchFailure } from '../bench-failure.ts';
import { endProcess } from './end-process.ts';
import { pinned } from './pinned.ts';

/** A process of the bench's own, which answers messages one at a time. */
export interface Worker<Request, Reply> {
  pid: number;
  /** @throws BenchFailure when it ends, or does not answer in time; then it is ended */
  ask(request: Request, timeoutMs: number): Promise<Reply>;
  stop(): Promise<void>;
}

const STOP_MS = 2_000;

/**
 * Starts a file as a process beside this one. It ends by itself when its channel closes, so also when this process
 * is killed.
 * @param module of the process, such as `new URL('./load-process.ts', import.meta.url)`
 * @param core the one processor it may use, counted from 0; without it, all of them
 */
export function startWorker<Request, Reply>(module: URL, core?: number): Worker<Request, Reply> {
  const [execPath, ...execArgv] = pinned([process.execPath], core);
  const child = fork(module, {
    execPath,
    // A session of its own, so that Ctrl-C reaches only this process, which then stops the others in order.
    detached: true,
    // Times are handed over as they are, not as text.
    serialization: 'advanced',
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const name = module.pathname.split('/').at(-1) ?? module.pathname;
  return {
    pid: child.pid ?? 0,
    ask: (request, timeoutMs) => ask(child, name, request as object, timeoutMs) as Promise<Reply>,
    stop: () => endProcess(child, STOP_MS),
  };
}

async function ask(child: ChildProcess, name: string, request: object, timeoutMs: number): Promise<unknown> {
  const reply = Promise.withResolvers<unknown>();
  const onExit = (code: number | null, signal: string | null): void =>
    reply.reject(new BenchFailure(`${name} ended (${signal ?? `code ${code}`})`));
  const late = setTimeout(() => {
    reply.reject(new BenchFailure(`${name} did not answer within ${timeoutMs / 1_000} s`));
    child.kill('SIGKILL');
  }, timeoutMs);
  child.once('message', reply.resolve);
  child.once('exit', onExit);
  child.once('error', reply.reject);
  try {
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else child.send(request);
    return await reply.promise;
  } finally {
    clearTimeout(late);
    child.off('message', reply.resolve);
    child.off('exit', onExit);
    child.off('error', reply.reject);
  }
}
