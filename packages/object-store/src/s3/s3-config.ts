import { ObjectStoreError } from '../object-store-error.ts';

/** Where the bucket is and how to reach it. */
export interface S3StoreOptions {
  /** Origin of the server, such as `http://127.0.0.1:9000` or `https://s3.eu-central-1.amazonaws.com`. */
  endpoint: string;
  /** Part of every signature; servers other than Amazon's mostly take `us-east-1`. */
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** `host/bucket/key` instead of `bucket.host/key`. Default: true; Amazon's servers get the latter anyway. */
  forcePathStyle?: boolean;
  /** Whether `check` makes the bucket when it is missing. Default: false. */
  createBucket?: boolean;
  /** Silence after which a request counts as lost, in milliseconds. Default: 30,000. */
  idleTimeoutMs?: number;
  /** How often a request is sent at most, with growing pauses in between. Default: 5. */
  attempts?: number;
}

/**
 * The parts of the endpoint as the client wants them.
 * @throws ObjectStoreError `invalid_argument` when it is not the origin of a server
 */
export function parseEndpoint(endpoint: string): { endPoint: string; port: number; useSSL: boolean } {
  const url = URL.parse(endpoint);
  const isOrigin = url && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (!isOrigin || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ObjectStoreError(
      'invalid_argument',
      `The S3 endpoint must be like https://host:port, without a path or credentials.`,
    );
  }
  const useSSL = url.protocol === 'https:';
  return {
    endPoint: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (useSSL ? 443 : 80) : Number(url.port),
    useSSL,
  };
}
