import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A decision that the collector refused for good. */
export interface RejectedDecision {
  tenantId: string;
  code: string;
  message: string | undefined;
  /** The event, as JSON. */
  event: string;
}

/** Where what cannot be shipped is kept, so that nothing is ever gone without a trace: `journal/rejected/`. */
export interface SetAside {
  /** One line in the file of the day. @throws the error of the disk */
  rejected: (decisions: readonly RejectedDecision[], at: number) => void;
  /**
   * Bytes of a segment that are no entry.
   * @returns the file, or `undefined` when they were set aside before
   * @throws the error of the disk
   */
  bytes: (kind: 'damaged' | 'torn', segment: number, place: number, bytes: Uint8Array) => string | undefined;
}

export function createSetAside(folder: string): SetAside {
  return {
    rejected(decisions, at) {
      if (decisions.length === 0) return;
      const time = new Date(at).toISOString();
      const lines = decisions.map(({ tenantId, code, message, event }) => {
        const why = JSON.stringify({ rejected_at: time, tenant_id: tenantId, code, message });
        // The event as it is: what was refused may be what reading and writing it again would change.
        return `${why.slice(0, -1)},"event":${event}}\n`;
      });
      make();
      appendFileSync(join(folder, `${time.slice(0, 10)}.ndjson`), lines.join(''), {
        mode: 0o600,
        flush: true,
      });
    },
    bytes(kind, segment, place, bytes) {
      const path = join(folder, `${kind}-${String(segment).padStart(10, '0')}-${place}.bin`);
      if (existsSync(path)) return undefined;
      make();
      writeFileSync(path, bytes, { mode: 0o600, flush: true });
      return path;
    },
  };

  function make(): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}
