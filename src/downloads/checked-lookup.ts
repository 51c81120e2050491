import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIPv6, type LookupFunction } from 'node:net';

/** All addresses of a name. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

const RESOLVE_TIMEOUT_MS = 2_000;
const RESOLVE_TRIES = 2;

/**
 * A lookup for `net.connect`: the addresses that were checked are those that are connected to, so a name that resolves
 * otherwise the next time gains nothing. One address that is not allowed refuses the name with all its addresses.
 */
export function createCheckedLookup(resolve: ResolveHost, isAllowed: (address: string) => boolean): LookupFunction {
  const find = async (hostname: string): Promise<readonly [LookupAddress, ...LookupAddress[]]> => {
    const addresses = await resolve(hostname);
    const [first, ...others] = addresses.map((address): LookupAddress => ({
      address,
      family: isIPv6(address) ? 6 : 4,
    }));
    if (!first || !addresses.every(isAllowed)) throw new Error('The name has no address, or one that is not public.');
    return [first, ...others];
  };
  return (hostname, { all }, callback) => {
    find(hostname).then(
      (found) => {
        if (all === true) callback(null, [...found]);
        else callback(null, found[0].address, found[0].family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, []),
    );
  };
}

/**
 * Asks the name servers of the system. `dns.lookup` would hold one of libuv's threads, which decode pictures, for as
 * long as a slow one takes.
 */
export const resolveHost: ResolveHost = async (hostname) => {
  const resolver = new Resolver({ timeout: RESOLVE_TIMEOUT_MS, tries: RESOLVE_TRIES });
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
};
