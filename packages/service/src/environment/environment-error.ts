/** One variable that is not as it should be. */
export interface EnvironmentMistake {
  name: string;
  /** What was given, fit to be printed. */
  given: string;
  /** What is allowed. */
  allowed: string;
}

/** The environment cannot be used. The message lists every mistake at once and shows no secret. */
export class EnvironmentError extends Error {
  readonly mistakes: readonly EnvironmentMistake[];

  constructor(mistakes: readonly EnvironmentMistake[]) {
    const width = Math.max(...mistakes.map((mistake) => mistake.name.length));
    const lines = mistakes.map(
      (mistake) => `  ${mistake.name.padEnd(width)}  ${mistake.given}: ${mistake.allowed}`,
    );
    super(['The environment is not valid:', ...lines].join('\n'));
    this.name = 'EnvironmentError';
    this.mistakes = mistakes;
  }
}
