/** An S3 server for tests. */
export interface S3Server {
  /** Which kind it is, for the names of tests. */
  name: string;
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Whether wrong credentials are refused. Tests about credentials mean nothing where they are not. */
  checksSignatures: boolean;
}

/** The servers of a run. */
export interface S3Servers {
  servers: S3Server[];
  /** Why a kind of server is not among them. */
  skipped: string[];
}

/** A server that this run started and has to stop. */
export interface StartedS3Server {
  server: S3Server;
  stop(): Promise<void>;
}

/** What starting a kind of server ends with. */
export type StartResult = StartedS3Server | { skipped: string };
