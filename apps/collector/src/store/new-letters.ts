import { type Transaction, newId } from '@rlaas/database';
import { fingerprintHex } from '../events/fingerprint.ts';
import type { NewLetter } from '../letters/new-letter.ts';

/** Keeps rejected events. The same one again, for the same reason, raises its counter. */
export async function insertLetters(
  tx: Transaction,
  letters: readonly NewLetter[],
  receivedAt: number,
): Promise<void> {
  // Sorted, as events are; and each once, since one statement may touch a row once only.
  const times = new Map<string, { letter: NewLetter; times: number }>();
  for (const letter of letters) {
    const key = `${letter.tenantId}/${fingerprintHex(letter.fingerprint)}/${letter.code}/${letter.origin}`;
    const known = times.get(key);
    if (known) known.times += 1;
    else times.set(key, { letter, times: 1 });
  }
  const sorted = [...times.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  const column = <T>(pick: (letter: NewLetter) => T): T[] => sorted.map(({ letter }) => pick(letter));
  await tx.query(
    `insert into rlaas.dead_letters (tenant_id, id, received_at, last_received_at, times, event_id, type, code, path,
                                     message, origin, import_id, event, parsed, truncated, fingerprint)
     select d.tenant_id, d.id, $1, $1, d.times, d.event_id, d.type, d.code, d.path, d.message, d.origin, d.import_id,
            d.event, d.parsed, d.truncated, d.fingerprint
     from unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                 $10::text[], $11::uuid[], $12::text[], $13::bool[], $14::bool[], $15::uuid[])
       as d (tenant_id, id, times, event_id, type, code, path, message, origin, import_id, event, parsed, truncated,
             fingerprint)
     on conflict (tenant_id, fingerprint, code, origin) do update
     set times = dead_letters.times + excluded.times, last_received_at = excluded.last_received_at, replayed_at = null`,
    [
      new Date(receivedAt),
      column((letter) => letter.tenantId),
      column(() => newId(receivedAt)),
      sorted.map((entry) => entry.times),
      column((letter) => letter.eventId),
      column((letter) => letter.type),
      column((letter) => letter.code),
      column((letter) => letter.path),
      column((letter) => letter.message),
      column((letter) => letter.origin),
      column((letter) => letter.importId),
      column((letter) => letter.event),
      column((letter) => letter.parsed),
      column((letter) => letter.truncated),
      column((letter) => fingerprintHex(letter.fingerprint)),
    ],
  );
}
