/** Why a database could not be brought up to date; the message says what to do. */
export type MigrateErrorCode =
  | 'unreachable'
  | 'behind_pooler'
  | 'version_refused'
  | 'roles_missing'
  | 'migration_failed';

export class MigrateError extends Error {
  readonly code: MigrateErrorCode;

  constructor(code: MigrateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrateError';
    this.code = code;
  }
}
