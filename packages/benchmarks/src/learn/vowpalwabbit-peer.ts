import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BenchFailure } from '../bench-failure.ts';
import { endProcess } from '../process/end-process.ts';
import { pinned } from '../process/pinned.ts';
import type { VowpalWabbitCommand } from './vowpalwabbit-commands.ts';

/** What VW is asked: one command on one data set, once for each of the first shuffles. */
interface VowpalWabbitJob {
  dataset: string;
  shuffles: number;
  command: VowpalWabbitCommand;
}

/** Time of one pass. */
export interface VowpalWabbitTime {
  parsingSeconds: number;
  workSeconds: number;
}

/** VowpalWabbit in a Python process of its own. */
export interface VowpalWabbitPeer {
  version: string;
  /** @returns the share of wrong actions of each shuffle. @throws BenchFailure when it ends or is too slow */
  losses: (job: VowpalWabbitJob) => Promise<number[]>;
  times: (job: VowpalWabbitJob) => Promise<VowpalWabbitTime[]>;
  stop: () => Promise<void>;
}

const STOP_MS = 2_000;
const ANSWER_MS = 300_000;

/**
 * @param folders.data of the data sets
 * @param folders.orders of `<data set>.json`, its shuffles
 * @param core the one processor it may use; without it, all of them
 */
export async function startVowpalWabbit(
  python: string,
  folders: { data: string; orders: string },
  core?: number,
): Promise<VowpalWabbitPeer> {
  const script = new URL('./vowpalwabbit-peer.py', import.meta.url).pathname;
  const [command, ...args] = pinned([python, script, folders.data, folders.orders], core);
  // A session of its own, so that Ctrl-C reaches only this process; it ends when its input does.
  const child = spawn(command, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.splice(0, complaints.length, chunk.toString()));
  // What it says of its end is in `complaints`; writing to it then fails too.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function answer(): Promise<unknown> {
    const late = setTimeout(() => child.kill('SIGKILL'), ANSWER_MS);
    try {
      const line = await lines.next();
      if (line.done) throw new BenchFailure(`vowpalwabbit ended: ${complaints.join('').trim()}`);
      return JSON.parse(line.value);
    } finally {
      clearTimeout(late);
    }
  }
  function ask({ dataset, shuffles, command: asked }: VowpalWabbitJob, timed: boolean): Promise<unknown> {
    const { arguments: given, right, wrong } = asked;
    child.stdin.write(`${JSON.stringify({ dataset, shuffles, arguments: given, right, wrong, timed })}\n`);
    return answer();
  }

  const { vowpalwabbit } = (await answer()) as { vowpalwabbit: string };
  return {
    version: vowpalwabbit,
    losses: async (job) => (await ask(job, false)) as number[],
    times: async (job) => (await ask(job, true)) as VowpalWabbitTime[],
    stop: () => endProcess(child, STOP_MS),
  };
}
