import { open, readFile } from 'node:fs/promises';

const PIECE = 2_000;

/** Writes bodies of requests, one on each line. JSON as `JSON.stringify` writes it has no line breaks. */
export async function writeBodies(path: string, bodies: readonly string[]): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  for (let from = 0; from < bodies.length; from += PIECE) {
    await file.appendFile(
      bodies
        .slice(from, from + PIECE)
        .map((body) => `${body}\n`)
        .join(''),
    );
  }
}

/** Reads them back: views of one buffer, so that nothing is converted while requests are sent. */
export async function readBodies(path: string): Promise<Buffer[]> {
  const all = await readFile(path);
  const bodies: Buffer[] = [];
  for (let from = 0; from < all.length;) {
    const end = all.indexOf(10, from);
    const to = end === -1 ? all.length : end;
    bodies.push(all.subarray(from, to));
    from = to + 1;
  }
  return bodies;
}
