import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** A TCP proxy whose connections a test can break at a chosen moment. */
export interface CuttingProxy {
  port: number;
  /**
   * Breaks each connection whose client sends these bytes from now on: `before` they reach the server, or `after` the
   * server had them but before its answer comes back. Returns a function that ends it.
   */
  cutOn(bytes: string, when: 'before' | 'after', times?: number): () => void;
  /** Lets nothing pass on the connections of now any more, without closing them; new ones are well. */
  muteAll(): void;
  /** Breaks all connections now. */
  cutAll(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1 towards `target`. */
export async function startProxy(target: { host: string; port: number }): Promise<CuttingProxy> {
  let rule: { bytes: Buffer; when: 'before' | 'after'; left: number } | undefined;
  const pairs = new Set<[Socket, Socket]>();
  const muted = new WeakSet<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    let mute = false;
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) {
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (chunk) => {
      if (muted.has(client)) return;
      if (rule && rule.left > 0 && chunk.includes(rule.bytes)) {
        rule.left -= 1;
        if (rule.when === 'before') return end();
        mute = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (mute) end();
      else if (!muted.has(client)) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cutAll = (): void => {
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    cutOn(bytes, when, times = 1) {
      rule = { bytes: Buffer.from(bytes), when, left: times };
      return () => (rule = undefined);
    },
    muteAll() {
      for (const [client] of pairs) muted.add(client);
    },
    cutAll,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cutAll();
      }),
  };
}
