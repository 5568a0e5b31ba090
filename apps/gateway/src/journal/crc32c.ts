const POLYNOMIAL = 0x82f63b78;
const LANES = 16;
const TABLES = makeTables();

/**
 * CRC-32C (Castagnoli, reflected; RFC 3720) of a part of `bytes`, an unsigned 32-bit integer. Sixteen bytes at a time by
 * sixteen tables ("slicing": Kounavis and Berry, 2005), some five times as fast as byte by byte.
 * @param from first byte
 * @param to byte after the last
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const b = bytes;
  const t = TABLES;
  let crc = -1;
  let at = from;
  for (; at + LANES <= to; at += LANES) {
    const first =
      crc ^ (byte(b, at) | (byte(b, at + 1) << 8) | (byte(b, at + 2) << 16) | (byte(b, at + 3) << 24));
    crc =
      entry(t, 15, first & 0xff) ^
      entry(t, 14, (first >>> 8) & 0xff) ^
      entry(t, 13, (first >>> 16) & 0xff) ^
      entry(t, 12, first >>> 24) ^
      entry(t, 11, byte(b, at + 4)) ^
      entry(t, 10, byte(b, at + 5)) ^
      entry(t, 9, byte(b, at + 6)) ^
      entry(t, 8, byte(b, at + 7)) ^
      entry(t, 7, byte(b, at + 8)) ^
      entry(t, 6, byte(b, at + 9)) ^
      entry(t, 5, byte(b, at + 10)) ^
      entry(t, 4, byte(b, at + 11)) ^
      entry(t, 3, byte(b, at + 12)) ^
      entry(t, 2, byte(b, at + 13)) ^
      entry(t, 1, byte(b, at + 14)) ^
      entry(t, 0, byte(b, at + 15));
  }
  for (; at < to; at += 1) crc = entry(t, 0, (crc ^ byte(b, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function entry(tables: Int32Array, table: number, index: number): number {
  return tables[table * 256 + index] as number;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(LANES * 256);
  for (let index = 0; index < 256; index += 1) {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    tables[index] = value;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const before = tables[at - 256] as number;
    tables[at] = (tables[before & 0xff] as number) ^ (before >>> 8);
  }
  return tables;
}
