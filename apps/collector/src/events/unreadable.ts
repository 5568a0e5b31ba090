/** Something in a batch that is no event of ours at all: a line that is not JSON, a CloudEvent that cannot be one. */
export class Unreadable {
  /** As it was sent. */
  readonly given: string;
  readonly path: string;
  readonly message: string;

  constructor(given: string, path: string, message: string) {
    this.given = given;
    this.path = path;
    this.message = message;
  }
}
