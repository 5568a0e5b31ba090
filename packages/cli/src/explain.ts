import { DatabaseError, MigrateError } from '@rlaas/database';
import { EmbeddedPostgresError } from '@rlaas/database/embedded';
import { EnvironmentError } from '@rlaas/service';
import { CommandError, EXIT, type ExitCode } from './exit-codes.ts';

/** The exit code and the message of an expected failure; `undefined` for a bug, which deserves its stack. */
export function explain(error: unknown): { exitCode: ExitCode; message: string } | undefined {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof EnvironmentError) return { exitCode: EXIT.configuration, message: error.message };
  if (error instanceof MigrateError) {
    const code = {
      unreachable: EXIT.postgresUnreachable,
      behind_pooler: EXIT.configuration,
      version_refused: EXIT.postgresVersion,
      roles_missing: EXIT.installationRefused,
      migration_failed: EXIT.failed,
    }[error.code];
    return { exitCode: code, message: error.message };
  }
  if (error instanceof EmbeddedPostgresError) {
    const code = {
      postgres_missing: EXIT.notSetUp,
      postgres_not_set_up: EXIT.notSetUp,
      port_in_use: EXIT.portInUse,
      disk_full: EXIT.diskFull,
      data_of_other_version: EXIT.postgresVersion,
      no_account: EXIT.failed,
      start_failed: EXIT.failed,
    }[error.code];
    return { exitCode: code, message: error.message };
  }
  if (error instanceof DatabaseError) {
    return { exitCode: EXIT.postgresUnreachable, message: `${error.message}: ${String(error.cause)}` };
  }
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return {
      exitCode: EXIT.diskFull,
      message: `The disk is full (${error.message}). Make room and start again.`,
    };
  }
  return undefined;
}
