import { pino } from 'pino';
import { expect, test } from 'vitest';
import { requestLogger } from './request-logger.ts';

function logger() {
  const lines: Record<string, unknown>[] = [];
  const parent = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { parent, lines };
}

test('writes what a child would write, at every level and through children of its own', () => {
  const { parent, lines } = logger();
  const log = requestLogger(parent, { request_id: 'r1' });
  log.debug('below the level');
  log.info({ more: 1 }, 'one');
  log.error(new Error('two'));
  log.child({ inner: true }).warn('three');
  expect(log.level).toBe('info');
  expect(lines).toMatchObject([
    { level: 30, request_id: 'r1', more: 1, msg: 'one' },
    { level: 50, request_id: 'r1', msg: 'two', err: { message: 'two' } },
    { level: 40, request_id: 'r1', inner: true, msg: 'three' },
  ]);
});

test('makes no logger for a request that writes nothing', () => {
  const { parent } = logger();
  let made = 0;
  const child = parent.child.bind(parent);
  parent.child = ((...args: Parameters<typeof child>) => {
    made += 1;
    return child(...args);
  }) as typeof parent.child;
  const log = requestLogger(parent, {});
  expect(made).toBe(0);
  log.info('a line');
  log.info('another');
  expect(made).toBe(1);
});
