/** A value that is no feature. */
export class FeatureError extends RangeError {
  /** Names and places that lead to it from the decision, such as `['actions', 1, 'features', 'price']`. */
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], message: string) {
    super(message);
    this.name = 'FeatureError';
    this.path = path;
  }
}
