import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import type { ProvidedS3 } from './provided.ts';
import type { S3Servers } from './s3-server.ts';

export type { S3Server, S3Servers } from './s3-server.ts';

/**
 * The S3 servers to test against; the first call of a run starts them. None means: skip, the reasons were printed.
 * Call it at the top of a test file, because the first call may take long where something has to be fetched.
 */
export async function s3Servers(): Promise<S3Servers> {
  const { broker }: ProvidedS3 = inject('s3');
  // Not fetch, which gives up after five minutes: compiling a server may take longer.
  const [response] = (await once(get(broker), 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`the S3 servers do not start: ${answer}`);
  return JSON.parse(answer) as S3Servers;
}
