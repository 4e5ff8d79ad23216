const V4 = /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/;
const V6 = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/;
const LONGEST_V4 = 15;

/**
 * Bytes of an address, 4 or 16; undefined if text is none. As in event-ruler, which asks Java: octets may have leading
 * zeros, an IPv4-mapped IPv6 address written in hex is the IPv4 address, and one with a dotted tail is no address.
 */
export const parseIp = (text: string): readonly number[] | undefined => {
  if (text.length <= LONGEST_V4 && V4.test(text)) return parseV4(text);
  // Longer is possible only with leading zeros without end.
  return text.length < 100 && V6.test(text) ? parseV6(text) : undefined;
};

const parseV4 = (text: string): readonly number[] | undefined => {
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
};

const parseV6 = (text: string): readonly number[] | undefined => {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = [...(head as string[]), ...(tail ?? [])];
  if (tail === undefined ? groups.length !== 8 : groups.length > 7) return undefined;
  const zeros = new Array<string>(8 - groups.length).fill('0');
  const words = [...(head as string[]), ...zeros, ...(tail ?? [])].map(word);
  if (!words.every((one) => one <= 0xffff)) return undefined;
  const bytes = words.flatMap((one) => [one >> 8, one & 0xff]);
  const isMapped = words.slice(0, 5).every((one) => one === 0) && words[5] === 0xffff;
  return isMapped ? bytes.slice(12) : bytes;
};

const word = (group: string): number => (group === '' ? Number.NaN : Number.parseInt(group, 16));

/** One text for each address, however it is written; undefined if text is no address. */
export const canonicalIp = (text: string): string | undefined => parseIp(text)?.join('.');

/** Whether bytes begin with the first `bits` bits of `network`. */
export const inNetwork = (bytes: readonly number[], network: readonly number[], bits: number): boolean => {
  if (bytes.length !== network.length) return false;
  return network.every((byte, i) => {
    const kept = Math.min(8, Math.max(0, bits - i * 8));
    const mask = (0xff << (8 - kept)) & 0xff;
    return (byte & mask) === ((bytes[i] as number) & mask);
  });
};
