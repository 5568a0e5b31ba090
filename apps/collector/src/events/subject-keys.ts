import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Stores the sealed key of a tenant when it has none yet. @returns the one that stays */
export type KeepSubjectKey = (tenantId: string, sealed: Buffer) => Promise<Buffer | null>;

/** The keyed hash of a subject, 32 bytes; `undefined` when it cannot be made. */
export type HashSubject = (subject: string) => Buffer | undefined;

/** For events whose subject was hashed before: by the gateway, or when it was kept as a dead letter. */
export const takeHashedSubject: HashSubject = (subject) =>
  /^[0-9a-f]{64}$/.test(subject) ? Buffer.from(subject, 'hex') : undefined;

/** For installations without a master key. */
export const refuseSubjects: HashSubject = () => undefined;

/** The keys under which the subjects of tenants are hashed. */
export interface SubjectKeys {
  /** The hash for a tenant's subjects, the same for the life of the tenant. */
  hasherOf(tenantId: string): Promise<HashSubject>;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * @param masterKey of the installation; without it subjects cannot be taken
 * @param keep asked once for each tenant, when its first subject comes
 */
export function createSubjectKeys(masterKey: string | undefined, keep: KeepSubjectKey): SubjectKeys {
  const hashers = new Map<string, HashSubject>();
  // Any long text will do as a master key; the cipher wants 32 bytes.
  const sealing =
    masterKey === undefined
      ? undefined
      : Buffer.from(hkdfSync('sha256', masterKey, '', 'rlaas: keys of subjects', 32));

  return {
    async hasherOf(tenantId) {
      if (!sealing) return refuseSubjects;
      const known = hashers.get(tenantId);
      if (known) return known;
      const sealed = await keep(tenantId, seal(sealing, tenantId, randomBytes(32)));
      if (!sealed) return refuseSubjects;
      const key = open(sealing, tenantId, sealed);
      const hasher: HashSubject = (subject) => createHmac('sha256', key).update(subject).digest();
      hashers.set(tenantId, hasher);
      return hasher;
    },
  };
}

/** AES-256-GCM, bound to the tenant so that a sealed key cannot be moved to another one. */
function seal(sealing: Buffer, tenantId: string, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(tenantId));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

/** @throws when the key was sealed with another master key */
function open(sealing: Buffer, tenantId: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', sealing, sealed.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(tenantId))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
