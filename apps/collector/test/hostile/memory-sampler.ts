import { existsSync, readFileSync } from 'node:fs';

const SAMPLE_MS = 50;

/** Watches the memory of a process. */
export interface MemorySampler {
  /** Bytes now. */
  now(): number;
  /** Most bytes since the last time that this was asked, or since the start. */
  peak(): number;
  stop(): void;
}

/** @returns in words why it cannot, where the system does not tell the memory of a process */
export function watchMemory(pid: number): MemorySampler | string {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path))
    return `the memory of a process is read from /proc, which ${process.platform} does not have`;
  let most = 0;
  const sample = (): number => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      // The process has ended, which is told elsewhere.
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
        return 0;
      throw error;
    }
    const bytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024;
    most = Math.max(most, bytes);
    return bytes;
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    now: sample,
    peak() {
      sample();
      const seen = most;
      most = 0;
      return seen;
    },
    stop: () => clearInterval(timer),
  };
}
