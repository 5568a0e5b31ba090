import { readAnswer } from './answer.ts';
import { assertBucket } from './check-bucket.ts';
import type { S3Connection } from './connection.ts';

/** What the server knows of an object. */
export interface S3Stat {
  size: number;
  lastModified: Date;
  etag: string;
  metadata: Record<string, unknown>;
}

/**
 * Looks at an object without reading it; `undefined` when there is none.
 * @throws ObjectStoreError `store_refused` also when the bucket is missing, which a HEAD alone cannot tell
 */
export async function statObject(connection: S3Connection, key: string): Promise<S3Stat | undefined> {
  const { client, bucket } = connection;
  return connection.ask(`cannot look at ${key}`, async () => {
    try {
      const { size, lastModified, etag, metaData } = await client.statObject(bucket, key);
      return { size, lastModified, etag, metadata: metaData };
    } catch (error) {
      if (readAnswer(error) !== 'absent') throw error;
    }
    await assertBucket(connection);
    return undefined;
  });
}
