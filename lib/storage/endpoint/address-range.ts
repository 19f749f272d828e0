import { BlockList, isIP, isIPv4 } from 'node:net'

/**
 * `public` may always be reached; `private` is this machine or its network; `never` is what no store lives at: cloud
 * metadata (which hands out credentials to whoever asks), link-local, multicast and reserved ranges.
 */
export type AddressRange = 'public' | 'private' | 'never'

const privateRanges = new BlockList()
privateRanges.addSubnet('0.0.0.0', 8)
privateRanges.addSubnet('10.0.0.0', 8)
privateRanges.addSubnet('100.64.0.0', 10)
privateRanges.addSubnet('127.0.0.0', 8)
privateRanges.addSubnet('172.16.0.0', 12)
privateRanges.addSubnet('192.168.0.0', 16)
privateRanges.addSubnet('198.18.0.0', 15)
privateRanges.addAddress('::', 'ipv6')
privateRanges.addAddress('::1', 'ipv6')
privateRanges.addSubnet('fc00::', 7, 'ipv6')

const neverRanges = new BlockList()
neverRanges.addSubnet('169.254.0.0', 16)
neverRanges.addSubnet('192.0.0.0', 24)
neverRanges.addSubnet('192.0.2.0', 24)
neverRanges.addSubnet('198.51.100.0', 24)
neverRanges.addSubnet('203.0.113.0', 24)
neverRanges.addSubnet('224.0.0.0', 3)
/** Alibaba's metadata service sits inside the carrier range, Amazon's inside the private IPv6 range. */
neverRanges.addAddress('100.100.100.200')
neverRanges.addAddress('fd00:ec2::254', 'ipv6')
neverRanges.addSubnet('100::', 64, 'ipv6')
neverRanges.addSubnet('2001:db8::', 32, 'ipv6')
neverRanges.addSubnet('fe80::', 9, 'ipv6')
neverRanges.addSubnet('ff00::', 8, 'ipv6')

/** Ranges whose addresses carry an IPv4 address, and the index of the 16-bit group at which it starts. */
const carriers: { range: BlockList; group: number }[] = [
  { range: subnet6('::ffff:0:0', 96), group: 6 }, // IPv4-mapped
  { range: subnet6('::ffff:0:0:0', 96), group: 6 }, // IPv4-translated
  { range: subnet6('::', 96), group: 6 }, // IPv4-compatible, long deprecated
  { range: subnet6('64:ff9b::', 96), group: 6 }, // NAT64
  { range: subnet6('2002::', 16), group: 1 }, // 6to4
]
/** Tunnels whose inner address is hidden from us. */
const opaque = new BlockList()
opaque.addSubnet('2001::', 32, 'ipv6')
opaque.addSubnet('64:ff9b:1::', 48, 'ipv6')

/** Where an IP address (not a name) leads. Text that is no address is `never`. */
export function addressRange(address: string): AddressRange {
  const bare = address.replace(/%.*$/, '')
  if (isIP(bare) === 0) return 'never'
  if (isIPv4(bare)) return rangeOf(bare, 'ipv4')
  const direct = rangeOf(bare, 'ipv6')
  if (direct !== 'public') return direct
  if (opaque.check(bare, 'ipv6')) return 'never'
  for (const { range, group } of carriers) {
    if (range.check(bare, 'ipv6')) return rangeOf(embeddedIPv4(bare, group), 'ipv4')
  }
  return 'public'
}

function rangeOf(address: string, family: 'ipv4' | 'ipv6'): AddressRange {
  if (neverRanges.check(address, family)) return 'never'
  return privateRanges.check(address, family) ? 'private' : 'public'
}

function subnet6(network: string, prefix: number): BlockList {
  const list = new BlockList()
  list.addSubnet(network, prefix, 'ipv6')
  return list
}

function embeddedIPv4(address: string, group: number): string {
  const groups = groupsOf(address)
  const [high, low] = [groups[group]!, groups[group + 1]!]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight 16-bit groups; the URL parser brings every spelling of an address into one form. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const parse = (text: string) => (text === '' ? [] : text.split(':').map((hex) => Number.parseInt(hex, 16)))
  if (tail === undefined) return parse(head)
  const [front, back] = [parse(head), parse(tail)]
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
}
