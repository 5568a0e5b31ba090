/** Bytes of bodies that may be in memory at once, so that many large uploads cannot fill it. */
export interface BodyBudget {
  /** @returns whether there was room; then the bytes are held until they are released */
  reserve(tenantId: string, bytes: number): boolean;
  release(tenantId: string, bytes: number): void;
  /** Bytes that are held now. */
  readonly held: number;
}

/** One tenant may hold half of it: whoever uploads slowly or much leaves room for the others. */
export function createBodyBudget(limitBytes: number): BodyBudget {
  const tenants = new Map<string, number>();
  let held = 0;
  return {
    reserve(tenantId, bytes) {
      const own = tenants.get(tenantId) ?? 0;
      if (held + bytes > limitBytes || own + bytes > limitBytes / 2) return false;
      held += bytes;
      tenants.set(tenantId, own + bytes);
      return true;
    },
    release(tenantId, bytes) {
      held -= bytes;
      const own = (tenants.get(tenantId) ?? 0) - bytes;
      if (own > 0) tenants.set(tenantId, own);
      else tenants.delete(tenantId);
    },
    get held() {
      return held;
    },
  };
}
