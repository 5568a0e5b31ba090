/**
 * How a command ends, for scripts. Part of the interface: codes are added, never renumbered.
 * 2 (wrong usage) and 78 (configuration, as in sysexits.h) are what other programs use for the same.
 */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  portInUse: 10,
  diskFull: 11,
  postgresVersion: 12,
  dockerMissing: 13,
  postgresUnreachable: 14,
  notSetUp: 15,
  alreadyRunning: 16,
  installationRefused: 17,
  apiUnreachable: 18,
  rowsRefused: 19,
  configuration: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message for a person and a code for a script; no stack is printed. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  /** Whether the same may well be done when it is tried again soon. */
  readonly passes: boolean;

  constructor(exitCode: ExitCode, message: string, options: ErrorOptions & { passes?: boolean } = {}) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.passes = options.passes === true;
  }
}
