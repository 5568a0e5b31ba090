import { codeOf } from '../object-store-error.ts';
import { readAnswer } from './answer.ts';
import type { S3Connection } from './connection.ts';

/** Begins with a dot, so it is no key and no list shows it. */
const PROBE = '.rlaas-check';

/**
 * Fails when the bucket is missing or closed to us. A listing, because the answer to a HEAD has no body that could say
 * what is wrong.
 * @throws the client's error
 */
export async function assertBucket({ client, bucket }: S3Connection): Promise<void> {
  await client.listObjectsV2Query(bucket, '', '', '', 1, '');
}

/**
 * The same, but makes the bucket when it is missing and may be made.
 * @throws ObjectStoreError
 */
export async function ensureBucket(connection: S3Connection): Promise<void> {
  const { client, bucket, region, createBucket, ask } = connection;
  await ask('cannot look into the bucket', async () => {
    try {
      await assertBucket(connection);
    } catch (error) {
      if (!createBucket || codeOf(error) !== 'NoSuchBucket') throw error;
      await client.makeBucket(bucket, region).catch(async (refusal: unknown) => {
        // Another process was faster, or the answer to an earlier attempt was lost.
        if (!(await client.bucketExists(bucket))) throw refusal;
      });
    }
  });
}

/**
 * Whether objects can be stored, read and removed: a bucket can exist and yet be closed to this access key.
 * @throws ObjectStoreError
 */
export async function assertWritable({ client, bucket, ask }: S3Connection): Promise<void> {
  await ask('cannot store a probe', () => client.putObject(bucket, PROBE, Buffer.from('ok'), 2));
  await ask('cannot read a probe', async () => {
    try {
      await client.statObject(bucket, PROBE);
    } catch (error) {
      // Another process checks as well and was faster to remove it.
      if (readAnswer(error) !== 'absent') throw error;
    }
  });
  await ask('cannot remove a probe', () => client.removeObject(bucket, PROBE));
}
