import { newId } from '@rlaas/database';
import { type Attack, atOnce } from '../attack.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

async function* endless(bytes: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"events":[{"x":"');
  const piece = Buffer.alloc(256 * 1024, 0x78);
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
  yield Buffer.from('"}]}');
}

/** A gigabyte of one text, in pieces and with its length said before. */
export const endlessText: Attack = {
  name: 'a gigabyte of text',
  async run({ post, long }) {
    const tasks = Array.from({ length: long ? 40 : 8 }, (_, n) => async () => {
      const headers: Record<string, string> =
        n % 2 === 0 ? {} : { 'content-length': String(GIB + 21), connection: 'close' };
      await post(endless(GIB), headers);
      await post(endless(GIB), { ...headers, 'content-encoding': 'gzip' });
    });
    await atOnce(8, tasks);
  },
};

/** As many bodies of 8 MiB at once as a client may dream of. */
export const largeBodies: Attack = {
  name: '50 bodies of 8 MiB at once',
  async run({ post, long }) {
    const event = (): object => ({
      id: newId(Date.now()),
      type: 'demonstration',
      occurred_at: new Date().toISOString(),
      source: 'hostile',
      decision_id: newId(Date.now()),
      data: { draft: 'ä'.repeat(60_000), final: 'x'.repeat(90_000) },
    });
    const body = (): string => JSON.stringify({ events: Array.from({ length: 39 }, event) });
    const rounds = long ? 10 : 2;
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => post(body())));
    }
  },
};

function* byteByByte(head: string): Generator<string> {
  yield head;
  yield* `{"events":[${' '.repeat(1_000)}`;
}

/** Bodies of which a byte comes each second. */
export const slowBodies: Attack = {
  name: '200 slow bodies',
  beside: true,
  async run({ dribble, head }) {
    await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        dribble(
          byteByByte(
            n % 2 === 0
              ? head('content-length: 100000')
              : head('content-length: 100000', 'content-encoding: gzip'),
          ),
          1_000,
        ),
      ),
    );
  },
};

/** Connections that begin a request and say no more. */
export const halfRequests: Attack = {
  name: '200 half requests',
  beside: true,
  async run({ dribble, head }) {
    const whole = head('content-length: 100');
    const cuts = Array.from({ length: 200 }, (_, n) =>
      whole.slice(0, Math.ceil(((n + 1) * whole.length) / 200)),
    );
    await Promise.all(cuts.map((cut) => dribble([cut], 0)));
  },
};
