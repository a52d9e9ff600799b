/** Castagnoli's polynomial with its bits reversed, as the bytes come with the lowest bit first. */
const polynomial = 0x82f63b78;

const table = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  table[byte] = crc;
}

/** CRC-32C (Castagnoli) of some bytes, from 0 to 2³² − 1. RFC 3720, B.4: "123456789" gives 0xE3069283. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
