import { describe, expect, it } from 'vitest';
import { parseEndpoint } from './s3-config.ts';

describe('an endpoint', () => {
  it.each([
    ['http://127.0.0.1:9000', { endPoint: '127.0.0.1', port: 9000, useSSL: false }],
    ['http://minio', { endPoint: 'minio', port: 80, useSSL: false }],
    [
      'https://s3.eu-central-1.amazonaws.com/',
      { endPoint: 's3.eu-central-1.amazonaws.com', port: 443, useSSL: true },
    ],
    ['http://[::1]:9000', { endPoint: '::1', port: 9000, useSSL: false }],
  ])('may be %s', (endpoint, parts) => {
    expect(parseEndpoint(endpoint)).toEqual(parts);
  });

  it.each([
    'minio:9000',
    '127.0.0.1',
    's3://bucket',
    'http://host/bucket',
    'http://user:secret@host',
    'http://host?x=1',
    '',
  ])('may not be %j', (endpoint) => {
    expect(() => parseEndpoint(endpoint)).toThrow('The S3 endpoint must be like');
  });
});
