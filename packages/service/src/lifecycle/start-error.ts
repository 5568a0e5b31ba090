/** Exit codes of a service. */
export const EXIT_CODES = {
  clean: 0,
  failed: 1,
  /** EX_CONFIG of sysexits.h: the configuration must be changed; starting again does not help. */
  configuration: 78,
} as const;

/** A service refuses to start, for a reason that its operator can do something about: no stack trace is shown. */
export class StartError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_CODES.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
    this.exitCode = exitCode;
  }
}

/** Tells by its form, so that packages need not share the class: any error with a numeric `exitCode`. */
export function isStartError(error: unknown): error is Error & { exitCode: number } {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number';
}
