export const UUID_BYTES = 16;

const NO_DIGIT = 0xff;
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return digit === -1 ? NO_DIGIT : digit;
});
/** Where the two digits of each byte are in the text. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

/**
 * Writes a UUID as its 16 bytes.
 * @throws TypeError when the text is none
 */
export function writeUuid(text: string, into: Uint8Array, at: number): void {
  let wrong = text.length === 36 ? 0 : NO_DIGIT;
  for (let index = 0; index < UUID_BYTES; index += 1) {
    const place = PLACES[index] as number;
    const high = DIGITS[text.charCodeAt(place)] ?? NO_DIGIT;
    const low = DIGITS[text.charCodeAt(place + 1)] ?? NO_DIGIT;
    wrong |= high | low;
    into[at + index] = (high << 4) | low;
  }
  if (wrong > 0xf) throw new TypeError(`not a UUID: ${text.slice(0, 50)}`);
}

/** The text of the UUID in 16 bytes, in lower case. */
export function readUuid(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + UUID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
