/** Why an embedded Postgres could not be started; the message says what to do. */
export type EmbeddedPostgresErrorCode =
  | 'postgres_missing'
  | 'postgres_not_set_up'
  | 'port_in_use'
  | 'disk_full'
  | 'data_of_other_version'
  | 'no_account'
  | 'start_failed';

export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}
