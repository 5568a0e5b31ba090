import { createServer } from 'node:net';
import { CommandError, EXIT } from '../exit-codes.ts';

/** Whether something listens on a port of this machine already. */
export function isPortInUse(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(false)));
  });
}

/** The port of a variable, or the usual one. @throws CommandError when it is none */
export function portOf(
  environment: Readonly<Record<string, string | undefined>>,
  variable: string,
  usual: number,
): number {
  const text = environment[variable] || String(usual);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new CommandError(EXIT.configuration, `${variable} must be a port from 1 to 65535, not "${text}".`);
}
