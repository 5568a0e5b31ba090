import 'vitest';

/** Where test files ask for the S3 servers of the run. */
export interface ProvidedS3 {
  broker: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    s3: ProvidedS3;
  }
}
