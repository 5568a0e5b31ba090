import { describe, expect, test } from 'vitest';
import { createLogger } from './logger.ts';

function capture(format: 'json' | 'pretty' = 'json') {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'gateway',
    level: 'info',
    format,
    destination: { write: (line: string) => void lines.push(line) },
  });
  return { logger, lines };
}

describe('createLogger', () => {
  test('writes ISO times, the level and the service', () => {
    const { logger, lines } = capture();
    logger.info({ port: 8080 }, 'listening');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'gateway',
      port: 8080,
      msg: 'listening',
    });
  });

  test('redacts secrets wherever they stand, also in what a child logger carries', () => {
    const { logger, lines } = capture();
    const secrets = {
      authorization: 'Bearer hunter2',
      cookie: 'hunter2',
      'x-api-key': 'hunter2',
      'x-rlaas-internal-token': 'hunter2',
      'ocp-apim-subscription-key': 'hunter2',
      key: 'hunter2',
      password: 'hunter2',
      secret: 'hunter2',
      token: 'hunter2',
    };
    logger.info(secrets);
    logger.info({ headers: secrets });
    logger.info({ request: { headers: secrets } });
    logger.child({ token: 'hunter2' }).info('child');
    logger.error({ err: Object.assign(new Error('boom'), { headers: secrets }) });
    expect(lines).toHaveLength(5);
    expect(lines.join('')).not.toContain('hunter2');
  });

  test('logs a request by method, URL without its key, and address', () => {
    const { logger, lines } = capture();
    logger.info({
      req: { method: 'POST', url: '/v1/events?key=hunter2&a=1', ip: '10.0.0.1', headers: { a: 'b' } },
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      req: { method: 'POST', url: '/v1/events?a=1', address: '10.0.0.1' },
    });
    expect(lines[0]).not.toContain('hunter2');
  });

  test('keeps below its level silent', () => {
    const { logger, lines } = capture();
    logger.debug('quiet');
    expect(lines).toEqual([]);
  });

  test('writes one readable line with format pretty, and the stack of an error after it', () => {
    const { logger, lines } = capture('pretty');
    logger.warn({ port: 8080, text: 'two words' }, 'slow');
    logger.error({ err: new Error('boom') }, 'failed');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}gateway slow port=8080 text="two words"\n$/);
    expect(lines[1]).toMatch(/ERROR gateway failed\n {2}Error: boom\n {6}at /);
  });
});
