import http from 'node:http';
import https from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'minio';
import { type S3Place, readAnswer, s3Error } from './answer.ts';
import { type RetryPolicy, retrying } from './retry.ts';
import { type S3StoreOptions, parseEndpoint } from './s3-config.ts';
import { createTransport } from './transport.ts';

/** A client for one bucket, with what every request of it shares. */
export interface S3Connection {
  client: Client;
  bucket: string;
  region: string;
  createBucket: boolean;
  retry: RetryPolicy;
  /** Sends a request that may safely be sent twice, and explains its failure. */
  ask: <T>(what: string, send: () => Promise<T>) => Promise<T>;
  explain: (error: unknown, what: string) => Error;
}

/** More at once only wait in the server. */
const MAX_SOCKETS = 64;
/** Objects up to this size, S3's limit, go in one request: only that can be refused as a whole when the key exists. */
const SINGLE_REQUEST_BYTES = 5 * 1024 ** 3;

/** Nothing is sent before the first request. Idle connections do not keep the process alive. */
export function connect(options: S3StoreOptions): S3Connection {
  const server = parseEndpoint(options.endpoint);
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const client = new Client({
    ...server,
    accessKey: options.accessKeyId,
    secretKey: options.secretAccessKey,
    region: options.region,
    pathStyle: options.forcePathStyle ?? true,
    partSize: SINGLE_REQUEST_BYTES,
    transport: createTransport(server.useSSL, options.idleTimeoutMs ?? 30_000),
    transportAgent: server.useSSL ? new https.Agent(agentOptions) : new http.Agent(agentOptions),
    // The client repeats some requests without telling, and prints that it does. Here it is done in `ask` and `putObject`.
    retryOptions: { disableRetry: true },
  });
  const place: S3Place = { endpoint: options.endpoint, bucket: options.bucket };
  const retry = { attempts: options.attempts ?? 5, wait: async (ms: number) => wait(ms) };
  const explain = (error: unknown, what: string): Error => s3Error(error, what, place);
  return {
    client,
    bucket: options.bucket,
    region: options.region,
    createBucket: options.createBucket ?? false,
    retry,
    explain,
    async ask(what, send) {
      try {
        return await retrying(
          retry,
          (error) => ['unavailable', 'conflict'].includes(readAnswer(error)),
          send,
        );
      } catch (error) {
        throw explain(error, what);
      }
    },
  };
}
