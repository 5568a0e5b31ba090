/** Why a bench has no result, in words for whoever ran it; anything else that is thrown is a bug. */
export class BenchFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BenchFailure';
  }
}
