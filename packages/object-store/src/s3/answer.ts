import { ObjectStoreError, type ObjectStoreErrorCode, codeOf } from '../object-store-error.ts';

/** What a failed request means for the one who sent it. */
export type Answer =
  /** 404: there is no such object (or, where the server sends no body, no such bucket). */
  | 'absent'
  /** 412: the object exists already. */
  | 'exists'
  /** 409: another writer of the same key is at work; ask again. */
  | 'conflict'
  /** Nothing, or a passing fault: whether the request was carried out is not known. */
  | 'unavailable'
  | 'refused';

/** The client's error for a status that it would repeat by itself. */
const RETRYABLE_STATUS = /Retryable HTTP status: (\d{3})/;

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

const ANSWERS: Record<string, Answer> = {
  NoSuchKey: 'absent',
  NotFound: 'absent',
  PreconditionFailed: 'exists',
  ConditionalRequestConflict: 'conflict',
  OperationAborted: 'conflict',
  RequestTimeout: 'unavailable',
  SlowDown: 'unavailable',
  InternalError: 'unavailable',
  ServiceUnavailable: 'unavailable',
  BadDigest: 'unavailable',
  XAmzContentSHA256Mismatch: 'unavailable',
};

/** Reads what an error of the client says. */
export function readAnswer(error: unknown): Answer {
  const code = codeOf(error);
  if (code !== undefined && ANSWERS[code]) return ANSWERS[code];
  if (code !== undefined && NETWORK.has(code)) return 'unavailable';
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.every((one) => readAnswer(one) === 'unavailable') ? 'unavailable' : 'refused';
  return error instanceof Error && RETRYABLE_STATUS.test(error.message) ? 'unavailable' : 'refused';
}

/**
 * Turns an error of the client into one that says what to do.
 * @param what the attempt, as in "cannot store a/b"
 */
export function s3Error(error: unknown, what: string, place: S3Place): ObjectStoreError {
  if (error instanceof ObjectStoreError) return error;
  const code = codeOf(error);
  const where = `the bucket "${place.bucket}" at ${place.endpoint}`;
  const made = (kind: ObjectStoreErrorCode, message: string): ObjectStoreError =>
    new ObjectStoreError(kind, `${message} (${what}, ${where})`, { cause: error });
  switch (code) {
    case 'NoSuchBucket':
      return made('store_refused', 'The bucket does not exist. Make it, or let the service make it.');
    case 'InvalidAccessKeyId':
      return made('store_refused', 'The server does not know the access key id. Set the right one.');
    case 'SignatureDoesNotMatch':
      return made(
        'store_refused',
        'The secret access key is not the one of the access key id. Set the right one.',
      );
    case 'AccessDenied':
      return made(
        'store_refused',
        'The access key may not do this. Check the credentials and give it read, write, list and delete on the bucket.',
      );
    case 'RequestTimeTooSkewed':
      return made('store_refused', "This machine's clock is wrong. Set it.");
    case 'AuthorizationHeaderMalformed':
      return made('store_refused', 'The server expects another region. Set it.');
    case 'QuotaExceeded':
    case 'XMinioStorageFull':
    case 'XMinioAdminBucketQuotaExceeded':
      return made('store_full', 'No space is left. Free some or raise the quota.');
    default: {
      const said = `${code ?? 'no code'}: ${error instanceof Error ? error.message : String(error)}`;
      return readAnswer(error) === 'refused'
        ? made('store_refused', `The server refuses, ${said}. Check the endpoint and the configuration.`)
        : made(
            'store_unavailable',
            `The server does not answer as it should, ${said}. Is it running and reachable?`,
          );
    }
  }
}

/** Where a request goes, for messages; no secrets. */
export interface S3Place {
  endpoint: string;
  bucket: string;
}
