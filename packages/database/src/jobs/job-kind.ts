import type { JobProgress } from '@rlaas/schemas';
import type { Transaction } from '../transaction.ts';

/** A kind of long work: its name, and the form of what it is asked and of where it goes on. */
export interface JobKind<Input, State> {
  name: string;
  input: { parse: (value: unknown) => Input };
  state: { parse: (value: unknown) => State };
}

/** What the work of a job is given. */
export interface JobContext<Input, State> {
  tenantId: string;
  id: string;
  input: Input;
  /** Where to go on; `undefined`: from the beginning. */
  state: State | undefined;
  /** Aborted when the service stops, or when the job was taken away. */
  signal: AbortSignal;
  /**
   * Stores how far the work is, in the transaction that stores the work itself: both are there or none.
   * @throws JobInterrupted when the job was cancelled or taken over; nothing of the transaction is stored then
   */
  checkpoint: (tx: Transaction, state: State, progress: JobProgress) => Promise<void>;
}

/** The work of a job; what it returns is its result. */
export type JobWork<Input, State> = (context: JobContext<Input, State>) => Promise<unknown>;

/** Ends the work of a job that somebody else has now, or that is to go no further. */
export class JobInterrupted extends Error {
  readonly reason: 'cancelled' | 'taken_over';
  constructor(reason: 'cancelled' | 'taken_over') {
    super(`the job was ${reason === 'cancelled' ? 'cancelled' : 'taken over by another worker'}`);
    this.name = 'JobInterrupted';
    this.reason = reason;
  }
}

/** A job that cannot succeed, for a reason that its asker can mend. */
export class JobRefused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'JobRefused';
    this.code = code;
  }
}
