import { describe, expect, it } from 'vitest';
import { ObjectStoreError } from '../object-store-error.ts';
import { readAnswer, s3Error } from './answer.ts';

const withCode = (code: string): Error => Object.assign(new Error('said'), { code });
const place = { endpoint: 'http://127.0.0.1:9000', bucket: 'events' };

describe('an error of the client', () => {
  it.each([
    [withCode('NoSuchKey'), 'absent'],
    [withCode('PreconditionFailed'), 'exists'],
    [withCode('ConditionalRequestConflict'), 'conflict'],
    [withCode('ECONNRESET'), 'unavailable'],
    [new Error('Request failed after 0 retries: Error: Retryable HTTP status: 503'), 'unavailable'],
    [new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]), 'unavailable'],
    [new AggregateError([withCode('ECONNREFUSED'), withCode('EACCES')]), 'refused'],
    [new AggregateError([]), 'refused'],
    [withCode('NoSuchBucket'), 'refused'],
    [withCode('CERT_HAS_EXPIRED'), 'refused'],
    [new Error('Parse Error'), 'refused'],
    ['not even an error', 'refused'],
  ])('%s means %s', (error, answer) => {
    expect(readAnswer(error)).toBe(answer);
  });

  it.each([
    ['NoSuchBucket', 'store_refused', 'The bucket does not exist'],
    ['InvalidAccessKeyId', 'store_refused', 'access key id'],
    ['SignatureDoesNotMatch', 'store_refused', 'secret access key'],
    ['AccessDenied', 'store_refused', 'read, write, list and delete'],
    ['RequestTimeTooSkewed', 'store_refused', 'clock'],
    ['AuthorizationHeaderMalformed', 'store_refused', 'region'],
    ['XMinioStorageFull', 'store_full', 'No space'],
    ['ECONNREFUSED', 'store_unavailable', 'ECONNREFUSED'],
    ['MethodNotAllowed', 'store_refused', 'MethodNotAllowed'],
  ])('with code %s becomes %s and says what to do', (code, expected, message) => {
    const error = s3Error(withCode(code), 'cannot store a/b', place);
    expect(error.code).toBe(expected);
    expect(error.message).toContain(message);
    expect(error.message).toContain('cannot store a/b, the bucket "events" at http://127.0.0.1:9000');
  });

  it('stays what it is when it is explained already', () => {
    const error = new ObjectStoreError('invalid_key', 'said');
    expect(s3Error(error, 'anything', place)).toBe(error);
  });
});
