import type { ExitCode } from '../exit-codes.ts';

/** What one look at the machine or the installation found. */
export interface Finding {
  what: string;
  verdict: 'fine' | 'note' | 'wrong';
  /** What was seen and, where something is wrong, how to mend it. */
  message: string;
  /** How the command ends because of it; only where something is wrong. */
  exitCode?: ExitCode;
}
