import { startWorker } from '../process/worker.ts';

/** A bare Fastify route in a process of its own, which parses the same bodies and gives answers of the same size. */
export interface BareServer {
  kind: 'bare';
  origin: string;
  pid: number;
  stop(): Promise<void>;
}

const START_MS = 15_000;

export async function startBareServer(): Promise<BareServer> {
  const worker = startWorker<object, string>(new URL('./bare-process.ts', import.meta.url));
  try {
    return {
      kind: 'bare',
      origin: await worker.ask({}, START_MS),
      pid: worker.pid,
      stop: () => worker.stop(),
    };
  } catch (error) {
    await worker.stop();
    throw error;
  }
}
