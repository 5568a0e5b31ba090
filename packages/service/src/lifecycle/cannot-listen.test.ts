import { expect, test } from 'vitest';
import { cannotListen } from './cannot-listen.ts';
import { isStartError, StartError } from './start-error.ts';

const place = { service: 'collector', host: '127.0.0.1', port: 8081, portVariable: 'COLLECTOR_PORT' };

test.each([
  [
    'EADDRINUSE',
    'port 8081 of the collector is in use on 127.0.0.1; stop that process or set COLLECTOR_PORT',
  ],
  [
    'EACCES',
    'port 8081 of the collector may not be opened by this user; set COLLECTOR_PORT to one above 1023',
  ],
  ['EADDRNOTAVAIL', '127.0.0.1 is not an address of this machine, so the collector cannot listen on it'],
])('%s is said in words', (code, message) => {
  const error = cannotListen(Object.assign(new Error(code), { code }), place);
  expect(isStartError(error)).toBe(true);
  expect(error.message).toBe(message);
});

test('another error stays as it is', () => {
  const error = Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
  expect(cannotListen(error, place)).toBe(error);
  expect(cannotListen('text', place).cause).toBe('text');
});

test('a start error is known by its form', () => {
  expect(isStartError(new StartError('no', 78))).toBe(true);
  expect(isStartError(Object.assign(new Error('no'), { exitCode: 3 }))).toBe(true);
  expect([isStartError(new Error('no')), isStartError({ exitCode: 1 }), isStartError(null)]).toEqual([
    false,
    false,
    false,
  ]);
});
