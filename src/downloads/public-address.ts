import { IPv4, IPv6, parseCIDR, isValid, parse } from 'ipaddr.js';

/** All that is given out to the public; what ipaddr.js calls unicast beyond it is not assigned to anybody. */
const [GLOBAL_UNICAST, GLOBAL_UNICAST_BITS] = parseCIDR('2000::/3') as [IPv6, number];

/** In a public range, but Azure answers its machines there about themselves. */
const AZURE_METADATA = IPv4.parse('168.63.129.16').toString();

/**
 * Whether an IP address is one of the public internet. Not so are loopback, private, link-local, shared and multicast
 * addresses, those that stand for an IPv4 address (mapped, NAT64, 6to4, Teredo), and those where clouds keep secrets.
 */
export function isPublicAddress(text: string): boolean {
  if (!isValid(text)) return false;
  const address = parse(text);
  if (address.range() !== 'unicast') return false;
  if (address instanceof IPv6) return address.match(GLOBAL_UNICAST, GLOBAL_UNICAST_BITS);
  return address.toString() !== AZURE_METADATA;
}
