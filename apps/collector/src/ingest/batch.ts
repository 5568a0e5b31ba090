import type { Origin } from '../events/origin.ts';

/** Events of one request. */
export interface Batch {
  tenantId: string;
  origin: Origin;
  /** Each is looked at by itself; an `Unreadable` stands for what could not be read. */
  events: readonly unknown[];
  /** `atomic`: one that is rejected keeps all from being stored. */
  mode: 'partial' | 'atomic';
  importing?: { id: string; idBase: string } | undefined;
  /** Subjects are hashes already: in what the journal brings, and in dead letters. */
  subjectsHashed?: boolean;
  /** Whether accepted events have a result of their own too. */
  listAll?: boolean;
}
