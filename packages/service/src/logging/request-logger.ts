import type { FastifyBaseLogger } from 'fastify';

const METHODS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
type Method = (typeof METHODS)[number];

/**
 * The logger of a request, made when it first writes a line: most requests of a busy service write none, and making one
 * costs as much as answering a short request does elsewhere.
 */
export function requestLogger(
  parent: FastifyBaseLogger,
  ...child: Parameters<FastifyBaseLogger['child']>
): FastifyBaseLogger {
  return new RequestLogger(parent, child) as unknown as FastifyBaseLogger;
}

class RequestLogger {
  readonly #parent: FastifyBaseLogger;
  readonly #child: Parameters<FastifyBaseLogger['child']>;
  #made: FastifyBaseLogger | undefined;

  constructor(parent: FastifyBaseLogger, child: Parameters<FastifyBaseLogger['child']>) {
    this.#parent = parent;
    this.#child = child;
  }

  get level(): string {
    return this.#parent.level;
  }

  child(...child: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.logger().child(...child);
  }

  silent(): void {}

  /** The logger that writes the lines. */
  logger(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(...this.#child);
    return this.#made;
  }
}

for (const method of METHODS) {
  Object.defineProperty(RequestLogger.prototype, method, {
    value(this: RequestLogger, ...line: Parameters<FastifyBaseLogger[Method]>) {
      this.logger()[method](...line);
    },
  });
}
