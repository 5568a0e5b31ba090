import { randomUUID } from 'node:crypto';
import type { PutOptions, PutResult } from '../object-store.ts';
import { readAnswer } from './answer.ts';
import type { S3Connection } from './connection.ts';
import { metadataOf, knownSha256In, putIdIn } from './metadata.ts';
import { pauseMs } from './retry.ts';
import { statObject } from './stat-object.ts';

/**
 * Stores a body in one request. When an answer is lost, the object may be there or not: a repetition that meets an
 * object with our own put id knows that it was.
 */
export async function putObject(
  connection: S3Connection,
  put: { key: string; body: Uint8Array; sha256: string; options: PutOptions },
): Promise<PutResult> {
  const { client, bucket, retry } = connection;
  const what = `cannot store ${put.key}`;
  const putId = randomUUID();
  const body = Buffer.from(put.body.buffer, put.body.byteOffset, put.body.byteLength);
  const headers = {
    ...metadataOf(put.sha256, putId),
    'content-type': put.options.contentType ?? 'application/octet-stream',
    ...(put.options.ifAbsent ? { 'if-none-match': '*' } : {}),
  };
  const stored = (etag?: string): PutResult => ({
    status: 'stored',
    sha256: put.sha256,
    ...(etag ? { etag } : {}),
  });
  let answerLost = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return stored((await client.putObject(bucket, put.key, body, body.length, headers)).etag);
    } catch (error) {
      const answer = readAnswer(error);
      if (answer === 'unavailable') answerLost = true;
      if (answer === 'exists') {
        const found = await statObject(connection, put.key);
        if (found && answerLost && putIdIn(found.metadata) === putId) return stored(found.etag);
        const sha256 = found && knownSha256In(found.metadata);
        if (found) return { status: 'exists', ...(sha256 ? { sha256 } : {}) };
        // It was deleted between the two requests, so the key is free again.
      } else if (answer !== 'unavailable' && answer !== 'conflict') {
        throw connection.explain(error, what);
      }
      if (attempt >= retry.attempts) {
        if (answerLost && (await isStored(connection, put.key, putId))) return stored();
        throw connection.explain(error, what);
      }
      await retry.wait(pauseMs(attempt));
    }
  }
}

async function isStored(connection: S3Connection, key: string, putId: string): Promise<boolean> {
  const found = await statObject(connection, key);
  return found !== undefined && putIdIn(found.metadata) === putId;
}
