import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';

/** A request would go to an address that the outside has no business with. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/**
 * What IANA's registries of special-purpose addresses have (iana.org/assignments/iana-ipv4-special-registry and -ipv6-), RFC 6890
 * and its successors, and multicast; and public addresses at which clouds serve what is inside, each as its operator documents:
 * Azure's WireServer (learn.microsoft.com, "What is IP address 168.63.129.16?") and the service networks of IBM Cloud
 * (cloud.ibm.com/docs, "IBM Cloud IP ranges"). Other clouds' metadata is in these networks: AWS and GCP 169.254.169.254, fd00:ec2::254
 * and fd20:ce::254, Alibaba 100.100.100.200, Oracle 192.0.0.192.
 */
const SPECIAL_V4: readonly (readonly [network: string, bits: number, what: string])[] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared by carriers'],
  ['127.0.0.0', 8, 'loopback'],
  ['161.26.0.0', 16, 'services inside IBM Cloud'],
  ['166.8.0.0', 14, 'services inside IBM Cloud'],
  ['168.63.129.16', 32, 'the platform of Azure'],
  ['169.254.0.0', 16, 'link-local, where clouds keep their metadata'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'for documentation'],
  ['192.31.196.0', 24, 'for AS112'],
  ['192.52.193.0', 24, 'for AMT'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['192.175.48.0', 24, 'for AS112'],
  ['198.18.0.0', 15, 'for benchmarks'],
  ['198.51.100.0', 24, 'for documentation'],
  ['203.0.113.0', 24, 'for documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];

const SPECIAL_V6: readonly (readonly [network: string, bits: number, what: string])[] = [
  ['::1', 128, 'loopback'],
  ['64:ff9b:1::', 48, 'translated, for local use'],
  ['100::', 64, 'discarded'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'for documentation'],
  ['2002::', 16, '6to4'],
  ['2620:4f:8000::', 48, 'for AS112'],
  ['3fff::', 20, 'for documentation'],
  ['5f00::', 16, 'segment routing'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'site-local'],
  ['ff00::', 8, 'multicast'],
];

/** IPv6 networks whose last four bytes are an IPv4 address: that one decides. */
const EMBEDDING: readonly (readonly [network: string, bits: number])[] = [
  ['::', 96], // Compatible, and the unspecified address.
  ['::ffff:0:0', 96], // Mapped.
  ['::ffff:0:0:0', 96], // Translated.
  ['64:ff9b::', 96], // NAT64.
];

const CIDR = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/;

/** Whether a text is a network as `10.0.0.0/8` or `fd00::/8`. */
export const isNetwork = (text: string): boolean => {
  const [, address = '', bits = ''] = CIDR.exec(text) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIPv4(address) ? 32 : 128);
};

const listOf = (networks: Iterable<readonly [string, number, ...unknown[]]>): BlockList => {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, isIPv4(network) ? 'ipv4' : 'ipv6');
  return list;
};

const has = (list: BlockList, address: string): boolean => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

const special = [...SPECIAL_V4, ...SPECIAL_V6].map((one) => ({ list: listOf([one]), what: one[2] }));
const embedding = listOf(EMBEDDING);

/** The IPv4 address in the last four bytes of an IPv6 address. */
const embeddedIn = (address: string): string => {
  // Written by the parser of URLs, the last four bytes are always two groups of hexadecimal digits.
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':');
  const group = (from: number) => Number.parseInt(groups.at(from) || '0', 16);
  const [high, low] = [group(-2), group(-1)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
};

/**
 * Decides which addresses requests may go to: none that are private, loopback, link-local, reserved or multicast, however
 * they are spelled, but those of networks that are allowed. It is asked with the address that a connection is made to,
 * after DNS, so a name that answers something else the next time gets nowhere either.
 */
export class AddressGuard {
  private readonly allowed: BlockList;

  /** `allowed`: networks as `10.0.0.0/8`. */
  constructor(
    allowed: readonly string[],
    private readonly resolve: typeof dnsLookup = dnsLookup,
  ) {
    this.allowed = listOf(
      allowed.map((network): [string, number] => {
        const [address, bits] = network.split('/') as [string, string];
        return [address, Number(bits)];
      }),
    );
  }

  /** Why requests may not go to an address; undefined where they may. */
  refusal(address: string): string | undefined {
    const plain = address.replace(/%.*$/, '');
    if (has(this.allowed, plain)) return undefined;
    if (!isIPv4(plain) && has(embedding, plain)) {
      const inner = this.refusal(embeddedIn(plain));
      return inner === undefined ? undefined : `${inner}, inside an IPv6 address`;
    }
    return special.find(({ list }) => has(list, plain))?.what;
  }

  /** Throws an `AddressRefused` where the host of a URL is an address that requests may not go to. */
  check({ hostname }: URL): void {
    const host = hostname.replace(/^\[|\]$/g, '');
    const why = isIP(host) === 0 ? undefined : this.refusal(host);
    if (why !== undefined) throw refused(host, why);
  }

  /** As `dns.lookup`, but gives only addresses that requests may go to, and fails where there is none. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    this.resolve(hostname, all, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, '', 0);
      const good = addresses.filter(({ address }) => this.refusal(address) === undefined);
      const [first] = good;
      if (first === undefined) {
        const [{ address } = { address: '' }] = addresses;
        return callback(refused(`${hostname}, which is ${address}`, this.refusal(address) ?? 'nowhere'), '', 0);
      }
      if (options.all === true) callback(null, good);
      else callback(null, first.address, first.family);
    });
  };
}

const refused = (host: string, why: string): AddressRefused =>
  new AddressRefused(`the address of ${host} is not allowed: ${why}; see ALLOW_NETWORKS`);
