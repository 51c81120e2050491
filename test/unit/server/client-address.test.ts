import { clientAddressOf, parseTrustedProxies } from '../../../src/server/client-address';

const PROXIES = parseTrustedProxies('127.0.0.1, 10.0.0.0/8, ::1, fd00::/8');

function addressOf(remoteAddress: string, ...forwarded: string[]): string {
  return clientAddressOf(
    { socket: { remoteAddress } as never, headersDistinct: { 'x-forwarded-for': forwarded } },
    PROXIES,
  );
}

describe('the address of a client', () => {
  it.each([
    [['203.0.113.5', '198.51.100.1'], '203.0.113.5'],
    [['127.0.0.1'], '127.0.0.1'],
    [['127.0.0.1', '198.51.100.1'], '198.51.100.1'],
    [['::ffff:127.0.0.1', '198.51.100.1'], '198.51.100.1'],
    [['127.0.0.1', '198.51.100.9, 198.51.100.1'], '198.51.100.1'],
    [['127.0.0.1', '198.51.100.9', '198.51.100.1, 10.1.2.3'], '198.51.100.1'],
    [['::1', '2001:db8::1, fd00::2'], '2001:db8::1'],
    [['127.0.0.1', '198.51.100.1, unknown'], '127.0.0.1'],
    [['127.0.0.1', ''], '127.0.0.1'],
  ])('of %j is %s', ([remote = '', ...forwarded], expected) => {
    expect(addressOf(remote, ...forwarded)).toBe(expected);
  });

  it.each(['*', 'localhost', '10.0.0.0/33', '127.0.0.1,', ''])('cannot be told by proxies called %j', (list) => {
    expect(() => parseTrustedProxies(list)).toThrow(/expected addresses or ranges/);
  });
});
