/** The journal has reached its bound, and the collector has not taken enough of it. */
export class JournalFull extends Error {
  constructor() {
    super('the journal is full');
    this.name = 'JournalFull';
  }
}
