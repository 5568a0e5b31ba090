import { UUID_BYTES, readUuid, writeUuid } from './uuid-bytes.ts';

/** What a tenant's decisions have come to on their way to the collector. */
export class Lane {
  readonly tenantId: string;
  /** The tenant's id as 16 bytes. */
  readonly bytes: Buffer;
  /** The collector has everything. */
  idle = true;
  /** The collector has everything of the tenant before this place, unless `idle`. */
  segment = 0;
  offset = 0;
  /** Of the tenant, on disk and not at the collector yet: for gauges and the bound, not for what is shipped. */
  waitingEntries = 0;
  waitingBytes = 0;
  /** A shipment is being put together or is under way. */
  busy = false;
  failures = 0;
  /** When the first of these failures came; 0 without any. */
  failingSince = 0;
  /** Not tried again before. */
  dueAt = 0;
  /** Most entries of the next shipment. */
  limit: number;

  constructor(tenantId: string, limit: number) {
    this.tenantId = tenantId;
    this.limit = limit;
    this.bytes = Buffer.alloc(UUID_BYTES);
    writeUuid(tenantId, this.bytes, 0);
  }

  /** An entry of the tenant is in the journal at this place. */
  arrived(segment: number, offset: number, bytes: number): void {
    if (this.idle) {
      this.idle = false;
      this.segment = segment;
      this.offset = offset;
    }
    this.waitingEntries += 1;
    this.waitingBytes += bytes;
  }

  /** The collector has everything. */
  rest(): void {
    this.idle = true;
    this.waitingEntries = 0;
    this.waitingBytes = 0;
    this.failures = 0;
    this.failingSince = 0;
  }
}

/** The lanes of all tenants that had a decision here; as many as there are tenants. */
export class Lanes {
  readonly #limit: number;
  readonly #byText = new Map<string, Lane>();
  readonly #byBytes = new Map<string, Lane>();

  /** @param limit most entries of a shipment */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws TypeError when the id is no UUID */
  of(tenantId: string): Lane {
    const known = this.#byText.get(tenantId);
    if (known) return known;
    const made = new Lane(tenantId, this.#limit);
    const lane = this.ofBytes(made.bytes, 0);
    this.#byText.set(tenantId, lane);
    return lane;
  }

  /** The lane of the tenant whose 16 bytes stand at a place. */
  ofBytes(bytes: Buffer, at: number): Lane {
    const key = bytes.toString('latin1', at, at + UUID_BYTES);
    let lane = this.#byBytes.get(key);
    if (!lane) {
      lane = new Lane(readUuid(bytes, at), this.#limit);
      this.#byBytes.set(key, lane);
      this.#byText.set(lane.tenantId, lane);
    }
    return lane;
  }

  all(): IterableIterator<Lane> {
    return this.#byBytes.values();
  }
}
