import { isPublicAddress } from '../../../src/downloads/public-address';

describe('a public address', () => {
  it.each([
    '8.8.8.8',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:82a::200e',
  ])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  // What leads inside stands in test/e2e/hostile/image-addresses.test.ts; these are the edges of ranges and of syntax.
  it.each([
    '',
    'localhost',
    '127.255.255.255',
    '10.255.255.255',
    '172.16.0.0',
    '100.127.255.255',
    '239.255.255.255',
    '203.0.113.1',
    '::ffff:8.8.8.8',
    '::8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::',
    '2001:db8::1',
    '2001::1',
    '3fff::1',
    'fe80::1%eth0',
    'fdff::1',
    '4000::1',
    '1::',
    '168.63.129.16',
  ])('is not "%s"', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
