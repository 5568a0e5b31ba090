import {
  type DestinationStream,
  destination as openDestination,
  type Logger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';
import { loggedUrl } from './logged-url.ts';
import { prettyLine } from './pretty-line.ts';
import { redactedPaths } from './redaction.ts';

export interface LoggerOptions {
  service: string;
  level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  format: 'json' | 'pretty';
  /** Where lines go. Default: standard output, written at once, so that the last line before an exit is not lost. */
  destination?: DestinationStream;
}

/** The part of a request that is logged. */
interface LoggedRequest {
  method: string;
  url: string;
  ip?: string;
}

/**
 * The logger of a service: one JSON object or one readable line per entry, ISO times in UTC, the fields that hold
 * secrets redacted, URLs without the key that browsers pass in them.
 */
export function createLogger(options: LoggerOptions): Logger {
  const output = options.destination ?? openDestination({ dest: 1, sync: true });
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: [...redactedPaths], censor: '[redacted]' },
      serializers: {
        err: stdSerializers.err,
        req: (request: LoggedRequest) => ({
          method: request.method,
          url: loggedUrl(request.url),
          address: request.ip,
        }),
      },
    },
    options.format === 'json' ? output : { write: (line: string) => output.write(prettyLine(line)) },
  );
}
