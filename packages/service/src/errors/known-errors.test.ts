import { errorCodes, ERRORS } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { notFound } from './errors.ts';
import { knownError } from './known-errors.ts';
import { problemOf } from './problem.ts';
import { RlaasError } from './rlaas-error.ts';

test('leaves our own errors as they are', () => {
  const error = notFound('no such policy');
  expect(knownError(error)).toBe(error);
});

test.each([
  ['FST_ERR_CTP_INVALID_JSON_BODY', 400, 'invalid_json'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 400, 'invalid_json'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 'body_too_large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, 'unsupported_media_type'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400, 'invalid_request'],
  ['FST_ERR_BAD_URL', 400, 'invalid_request'],
  ['FST_ERR_MAX_PARAM_LENGTH', 414, 'not_found'],
  ['FST_REPLY_FROM_TIMEOUT', 504, 'upstream_timeout'],
  ['ANYTHING', 418, 'invalid_request'],
  ['ANYTHING', 599, 'internal_error'],
])('%s (%i) becomes %s', (code, statusCode, expected) => {
  expect(knownError(Object.assign(new Error('hunter2'), { code, statusCode })).code).toBe(expected);
});

test('takes what is no error, or has no status, as a bug', () => {
  expect([knownError('text').code, knownError(undefined).code, knownError(new TypeError('x')).code]).toEqual([
    'internal_error',
    'internal_error',
    'internal_error',
  ]);
});

test('tells a slow database and data that it cannot store by the SQLSTATE', () => {
  const coded = (code: string) => knownError(Object.assign(new Error('hunter2'), { code }));
  for (const code of ['57014', '55P03', '25P03', 'database_unavailable', 'commit_unknown']) {
    expect(coded(code)).toMatchObject({ code: 'database_unavailable', headers: { 'retry-after': '1' } });
  }
  for (const code of ['22021', '22008', '22P05']) expect(coded(code).code).toBe('invalid_request');
  expect(coded('23505').code).toBe('internal_error');
});

test('never passes the text of a foreign error on', () => {
  for (const statusCode of [400, 404, 418, 500, 502]) {
    const error = knownError(Object.assign(new Error('hunter2'), { statusCode }));
    expect(JSON.stringify(problemOf(error, 'r'))).not.toContain('hunter2');
  }
});

test('renders every code, with the detail below status 500, or when it names the service that is away', () => {
  for (const code of errorCodes) {
    const problem = problemOf(
      new RlaasError(code, { detail: 'why', cause: new Error('inner') }),
      'request-1',
    );
    const { status, title, retryable } = ERRORS[code];
    expect(problem).toEqual({
      type: `urn:rlaas:problem:${code}`,
      title,
      status,
      code,
      ...((status < 500 || code.startsWith('upstream_')) && { detail: 'why' }),
      retryable,
      request_id: 'request-1',
    });
  }
});
