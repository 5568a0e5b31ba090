import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ReadBodyOptions, readBody } from './read-body.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function reading(options: Partial<ReadBodyOptions> = {}) {
  const stream = new PassThrough();
  const reserved: number[] = [];
  const body = readBody(stream, {
    maxBytes: 10,
    stallMs: 1_000,
    reserve: (bytes) => reserved.push(bytes) > 0,
    ...options,
  });
  return { stream, reserved, body };
}

test('a body in pieces, and none', async () => {
  const { stream, reserved, body } = reading();
  stream.write('12345');
  await tick();
  stream.end('67890');
  expect(await body).toEqual({ ok: true, body: Buffer.from('1234567890') });
  expect(reserved).toEqual([5, 5]);
  const none = reading();
  none.stream.end();
  expect(await none.body).toEqual({ ok: true, body: Buffer.alloc(0) });
});

test('a byte too many ends it there; what follows is not kept', async () => {
  const { stream, reserved, body } = reading();
  stream.write('1234567890');
  await tick();
  stream.write('1');
  expect(await body).toEqual({ ok: false, reason: 'too_large' });
  stream.write('more');
  await tick();
  expect(reserved).toEqual([10]);
});

test('no room for it', async () => {
  const { stream, body } = reading({ reserve: () => false });
  stream.write('1');
  expect(await body).toEqual({ ok: false, reason: 'no_room' });
});

test('a stream that breaks, at once or later', async () => {
  const broken = reading();
  broken.stream.write('123');
  broken.stream.destroy(new Error('reset'));
  expect(await broken.body).toEqual({ ok: false, reason: 'broken_off' });
  const closed = reading();
  closed.stream.destroy();
  expect(await closed.body).toEqual({ ok: false, reason: 'broken_off' });
  const late = reading();
  late.stream.write('12345678901');
  await late.body;
  // Nobody listens any more: this must not end the process.
  late.stream.destroy(new Error('reset'));
  await tick();
});

describe('time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('without a byte it ends; each byte begins it anew', async () => {
    const { stream, body } = reading();
    for (const byte of '123') {
      vi.advanceTimersByTime(999);
      stream.write(byte);
      await tick();
    }
    vi.advanceTimersByTime(999);
    let ended = false;
    void body.then(() => (ended = true));
    await tick();
    expect(ended).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await body).toEqual({ ok: false, reason: 'stalled' });
    expect(vi.getTimerCount()).toBe(0);
  });
});
