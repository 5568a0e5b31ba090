import { DatabaseError } from './database-error.ts';
import type { Database } from './database.ts';
import { explainConnectionError } from './connection-url.ts';
import { type InstallationFinding, checkInstallation } from './installation-check.ts';

/** Anybody may ask whether a service is ready, so the answer does not tell where its database is. */
const WHERE = 'the address of DATABASE_URL';

/** The database must not be served from as it is; the message says how to mend it. */
export class InstallationRefused extends Error {
  /** EX_CONFIG of sysexits.h: starting again does not help. */
  readonly exitCode = 78;
  readonly finding: InstallationFinding;

  constructor(finding: InstallationFinding) {
    super(finding.message);
    this.name = 'InstallationRefused';
    this.finding = finding;
  }
}

/**
 * Whether a service may serve from this database. Until it passed once, the whole installation is looked at; after
 * that one short statement.
 * @throws InstallationRefused (from the returned function) when the service must end rather than wait
 */
export function databaseReadiness(options: {
  database: Database;
  url: string;
}): () => Promise<{ ok: true } | { ok: false; message: string }> {
  let passed = false;
  return async () => {
    if (!passed) {
      const findings = await checkInstallation({ url: options.url, where: WHERE, connectTimeoutMs: 1_500 });
      const refusal = findings.find((finding) => finding.weight === 'refuse');
      if (refusal) throw new InstallationRefused(refusal);
      const waiting = findings.find((finding) => finding.weight === 'wait');
      if (waiting) return { ok: false, message: waiting.message };
      passed = true;
    }
    try {
      await options.database.transaction(
        { role: 'rlaas_api', tenants: [], readOnly: true, statementTimeoutMs: 1_500 },
        (tx) => tx.query('select 1'),
      );
      return { ok: true };
    } catch (error) {
      const cause = error instanceof DatabaseError ? error.cause : error;
      return { ok: false, message: explainConnectionError(cause, WHERE) };
    }
  };
}
