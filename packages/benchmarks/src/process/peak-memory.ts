import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The most memory that a process has held so far. */
export interface PeakMemory {
  /** Resident bytes. */
  bytes(): Promise<number>;
  stop(): void;
}

const SAMPLE_MS = 500;
const run = promisify(execFile);

/** Linux keeps the peak itself; elsewhere `ps` is asked twice a second, which may miss a short one. */
export function watchPeakMemory(pid: number): PeakMemory {
  const status = `/proc/${pid}/status`;
  if (existsSync(status)) {
    return { bytes: async () => peakOf(await readFile(status, 'utf8')), stop: () => undefined };
  }
  let peak = 0;
  const sample = async (): Promise<number> => {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    peak = Math.max(peak, Number(stdout.trim()) * 1_024);
    return peak;
  };
  // A sample that fails means that the process has ended; whoever asks for the peak then is told.
  const timer = setInterval(() => void sample().catch(() => clearInterval(timer)), SAMPLE_MS);
  timer.unref();
  return { bytes: sample, stop: () => clearInterval(timer) };
}

/** The peak in the text of `/proc/<pid>/status`, in bytes. */
export function peakOf(status: string): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('the status of the process has no VmHWM: it has ended');
  return Number(kibibytes) * 1_024;
}
