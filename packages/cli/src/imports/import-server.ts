import type { Event, EventCode, Import, Policy } from '@rlaas/schemas';

/** What became of one event; `unsent`: it was broken off before that was known. */
export type SentEvent =
  | { status: 'accepted' | 'duplicate' | 'unsent' }
  | { status: 'rejected'; code: EventCode | undefined; path: string; message: string };

/** An installation, as one who brings history sees it. */
export interface ImportServer {
  /** A policy; `missing` where there is none, `hidden` where the key may not look. */
  findPolicy: (name: string) => Promise<Policy | 'missing' | 'hidden'>;
  /** The import of a digest, which is made when there is none. */
  begin: (source: string, digest: string) => Promise<Import>;
  /**
   * Sends events, at most 1,000, until each is stored or rejected, or it is broken off. Answers in their order.
   * @throws CommandError when the batch is refused, or when nothing was stored for long
   */
  send: (importId: string, events: readonly Event[]) => Promise<SentEvent[]>;
  complete: (importId: string) => Promise<Import>;
}
