/** Value of each hexadecimal digit by its character code; other characters are 0. */
export const HEX_DIGITS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 0 : digit;
});
