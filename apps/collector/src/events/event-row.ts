/** An event that passed every check, ready to be stored. */
export interface EventRow {
  tenantId: string;
  id: string;
  type: string;
  schemaVersion: number;
  /** Milliseconds since 1970. */
  occurredAt: number;
  policy: string | null;
  decisionId: string | null;
  externalId: string | null;
  episodeId: string | null;
  /** HMAC of the subject, 32 bytes. */
  subject: Buffer | null;
  source: string;
  /** JSON text, a part of `text`. */
  data: string;
  /** The whole event in its canonical form, its subject as the hash: what the fingerprint is of. */
  text: string;
  /** 16 bytes, a character each. */
  fingerprint: string;
  importId: string | null;
  /** About what it weighs in memory and in the group. */
  bytes: number;
}
