import type { SentRequest } from './history.ts';

/** What can be wrong; the text says which promise of the event path is broken. */
export const violationKinds = {
  lost: 'I1: told accepted or duplicate, and not stored',
  changed: 'I1: stored with another content than the one that was acknowledged, or than any that was sent',
  older_lost: 'I1: stood there before the run, and is gone or changed',
  stored_twice: 'I2: stored more than once',
  accepted_twice: 'I2: told accepted more than once',
  accepted_again: 'I2: told accepted after it was known to be stored, so it was gone in between',
  duplicate_of_nothing: 'I2: told duplicate, and nobody else can have stored it',
  conflict_of_nothing: 'I2: told id_conflict, and nothing else can have been stored under its id',
  both_acknowledged: 'I2: two contents of one id were acknowledged',
  ghost: 'stored, and never sent',
  rejected_stored: 'I3: stored, and all that was told of it is rejected, or it is invalid',
  letter_missing: 'I3: told rejected, and not kept as a dead letter',
  letter_ghost: 'I3: a dead letter of what was never sent',
  letter_of_stored: 'I3: a dead letter of an event that is stored',
  well_rejected: 'I4: well, and rejected all the same',
  invalid_taken: 'I3: invalid, and told accepted or duplicate',
  no_end: 'I4: sent again to the end, and never told accepted, duplicate or rejected',
  counts_wrong: 'I5: the counts and results of an answer do not add up',
  status_wrong: 'I5: the status of an answer is not that of its results',
  unexpected_answer: 'an answer that a client of the API need not expect',
  collector_ended: 'the collector ended by itself',
  not_drained: 'the collector did not end with 0 after SIGTERM',
  without_effect: 'the scenario did not bring about what it is for, so it shows nothing',
} as const;
export type ViolationKind = keyof typeof violationKinds;

export interface Violation {
  kind: ViolationKind;
  /** What was found, for a person. */
  what: string;
  /** The event that it is about. */
  id?: string;
  /** All requests that speak of it, in their order. */
  requests: readonly SentRequest[];
}
