import type { IncomingMessage } from 'node:http';
import { orAborted } from '../aborted.ts';
import { checksumOf, verifying } from '../checksum.ts';
import { assertExpiry } from '../expiry.ts';
import { assertLimit } from '../list-limit.ts';
import { assertKey, assertPrefix } from '../object-key.ts';
import type { CheckResult, ObjectStore, StoredObject } from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { readAnswer } from './answer.ts';
import { ensureBucket, assertWritable } from './check-bucket.ts';
import { type S3Connection, connect } from './connection.ts';
import { listObjects } from './list-objects.ts';
import { sha256In } from './metadata.ts';
import { putObject } from './put-object.ts';
import type { S3StoreOptions } from './s3-config.ts';
import { statObject } from './stat-object.ts';

/**
 * Objects in a bucket of an S3 server. Requests are repeated when the network or the server fails; when that does not
 * help either, the error is `store_unavailable`.
 */
export function s3Store(options: S3StoreOptions): ObjectStore {
  const connection = connect(options);
  const { client, bucket, ask } = connection;
  let wasWritable = false;

  return {
    async put(key, body, putOptions = {}) {
      assertKey(key);
      const sha256 = checksumOf(body, putOptions.sha256);
      return putObject(connection, { key, body, sha256, options: putOptions });
    },
    async get(key) {
      assertKey(key);
      return getObject(connection, key);
    },
    async head(key) {
      assertKey(key);
      const found = await statObject(connection, key);
      if (!found) return undefined;
      const { size, lastModified, metadata } = found;
      return { key, size, sha256: sha256In(key, metadata), lastModified };
    },
    async list(prefix, { after = '', limit } = {}) {
      assertPrefix(prefix);
      return listObjects(connection, prefix, after, assertLimit(limit));
    },
    async delete(key) {
      assertKey(key);
      await ask(`cannot delete ${key}`, () => client.removeObject(bucket, key));
    },
    async presign(key, { expiresInSeconds }) {
      assertKey(key);
      assertExpiry(expiresInSeconds);
      return client.presignedGetObject(bucket, key, expiresInSeconds);
    },
    async check(signal) {
      const look = async (): Promise<CheckResult> => {
        try {
          await ensureBucket(connection);
          // Storing at every look would cost money; permissions are not lost as easily as servers.
          if (!wasWritable) await assertWritable(connection);
          wasWritable = true;
          return { ok: true };
        } catch (error) {
          if (error instanceof ObjectStoreError) return { ok: false, message: error.message };
          throw error;
        }
      };
      return orAborted(look(), signal);
    },
    async sweep() {
      return 0;
    },
  };
}

async function getObject(connection: S3Connection, key: string): Promise<StoredObject | undefined> {
  const { client, bucket } = connection;
  const what = `cannot read ${key}`;
  const response = await connection.ask(what, async () => {
    try {
      // The client's type hides that its stream is the answer, whose headers are needed here.
      return (await client.getObject(bucket, key)) as IncomingMessage;
    } catch (error) {
      if (readAnswer(error) === 'absent') return undefined;
      throw error;
    }
  });
  if (!response) return undefined;
  try {
    const size = Number(response.headers['content-length']);
    const sha256 = sha256In(key, response.headers);
    const lastModified = new Date(response.headers['last-modified'] ?? NaN);
    const info = { key, size, sha256, lastModified };
    return { ...info, body: verifying(response, info, (error) => connection.explain(error, what)) };
  } catch (error) {
    response.destroy();
    throw error;
  }
}
