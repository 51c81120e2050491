import type { IncomingMessage } from 'node:http';
import { IPv6, isValid, parse, parseCIDR, type IPv4 } from 'ipaddr.js';

/** Ranges of addresses whose word on where a request comes from is believed. */
export type TrustedProxies = readonly (readonly [address: IPv4 | IPv6, bits: number])[];

/** Reads addresses and ranges such as `10.0.0.0/8`, divided by commas. Throws an Error that names what is none. */
export function parseTrustedProxies(list: string): TrustedProxies {
  return list.split(',').map((text) => {
    const item = text.trim();
    try {
      if (item.includes('/')) return parseCIDR(item);
      const address = toAddress(item);
      return [address, address.kind() === 'ipv4' ? 32 : 128] as const;
    } catch (cause) {
      throw new Error('expected addresses or ranges such as 10.0.0.0/8, divided by commas', { cause });
    }
  });
}

export function isTrusted(address: string, proxies: TrustedProxies): boolean {
  // Asked of each connection, of thousands at once where somebody attacks.
  if (proxies.length === 0 || !isValid(address)) return false;
  const parsed = toAddress(address);
  return proxies.some(([range, bits]) => parsed.kind() === range.kind() && parsed.match(range, bits));
}

/**
 * Where a request comes from. `X-Forwarded-For` is read from its end, and only as far as trusted proxies wrote it: what
 * stands before that may be anybody's invention.
 */
export function clientAddressOf(
  { socket, headersDistinct }: Pick<IncomingMessage, 'socket' | 'headersDistinct'>,
  proxies: TrustedProxies,
): string {
  let address = socket.remoteAddress ?? '';
  if (proxies.length === 0) return address;
  const forwarded = (headersDistinct['x-forwarded-for'] ?? []).flatMap((value) => value.split(','));
  while (isTrusted(address, proxies)) {
    const before = forwarded.pop()?.trim();
    if (before === undefined || !isValid(before)) break;
    address = toAddress(before).toString();
  }
  return address;
}

/** An IPv4 address that an IPv6 socket shows as `::ffff:…` is an IPv4 address. */
function toAddress(text: string): IPv4 | IPv6 {
  const address = parse(text);
  return address instanceof IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}
