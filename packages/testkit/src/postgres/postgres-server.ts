/** A Postgres server for tests. */
export interface PostgresServer {
  /** Connection of a superuser to an existing database. */
  superuserUrl: string;
  /** Which kind it is, for the line that the run prints. */
  description: string;
  stop(): Promise<void>;
}
