import { DatabaseError } from './database-error.ts';
import type { Database } from './database.ts';
import { explainConnectionError } from './connection-url.ts';
import { type InstallationFinding, checkInstallation } from './installation-check.ts';

/**
 * Whether a service may serve from this database. Until it passed once, the whole installation is looked at; after
 * that one short statement.
 * @param onRefusal called when the installation must not be served from: the service should end, not wait
 */
export function databaseReadiness(options: {
  database: Database;
  url: string;
  onRefusal: (finding: InstallationFinding) => void;
}): () => Promise<{ ok: true } | { ok: false; message: string }> {
  let passed = false;
  return async () => {
    if (!passed) {
      const findings = await checkInstallation({ url: options.url, connectTimeoutMs: 1_500 });
      const refusal = findings.find((finding) => finding.weight === 'refuse');
      if (refusal) options.onRefusal(refusal);
      const blocking = refusal ?? findings.find((finding) => finding.weight === 'wait');
      if (blocking) return { ok: false, message: blocking.message };
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
      return { ok: false, message: explainConnectionError(cause, options.url) };
    }
  };
}
