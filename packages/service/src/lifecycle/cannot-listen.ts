import { StartError } from './start-error.ts';

export interface ListenPlace {
  service: string;
  host: string;
  port: number;
  /** The variable that sets the port. */
  portVariable: string;
}

/** Why a port cannot be used, in words; any other error is given back as it is. */
export function cannotListen(error: unknown, { service, host, port, portVariable }: ListenPlace): Error {
  if (!(error instanceof Error) || !('code' in error)) return new Error('cannot listen', { cause: error });
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(
        `port ${port} of the ${service} is in use on ${host}; stop that process or set ${portVariable}`,
      );
    case 'EACCES':
      return new StartError(
        `port ${port} of the ${service} may not be opened by this user; set ${portVariable} to one above 1023`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(
        `${host} is not an address of this machine, so the ${service} cannot listen on it`,
      );
    default:
      return error;
  }
}
