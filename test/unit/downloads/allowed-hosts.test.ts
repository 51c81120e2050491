import { isAllowedHost, parseAllowedHosts } from '../../../src/downloads/allowed-hosts';

describe('a list of allowed hosts', () => {
  const hosts = parseAllowedHosts('images.example.org, *.CDN.example.org,example.com:8443');

  it.each([
    'https://images.example.org/cat.jpg',
    'https://images.example.org:443/',
    'https://IMAGES.example.org/',
    'https://a.cdn.example.org/',
    'https://a.b.cdn.example.org/',
    'https://example.com:8443/',
  ])('allows %s', (address) => {
    expect(isAllowedHost(hosts, new URL(address))).toBe(true);
  });

  it.each([
    'https://example.org/',
    'https://images.example.org:8443/',
    'https://cdn.example.org/',
    'https://evilcdn.example.org/',
    'https://example.com/',
    'https://images.example.org.evil.test/',
    'https://[::1]/',
  ])('does not allow %s', (address) => {
    expect(isAllowedHost(hosts, new URL(address))).toBe(false);
  });

  it.each([
    '',
    'a,,b',
    '*',
    '*.',
    'https://example.org',
    'example.org/path',
    'user@example.org',
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '[::1]',
    '::1',
    'example.org:0',
    'example.org:65536',
    'exa mple.org',
    '-example.org',
    'images.*.org',
    'example.org.',
    `${'a.'.repeat(130)}org`,
  ])('is refused when it holds "%s"', (list) => {
    expect(() => parseAllowedHosts(list)).toThrow('expected host names such as images.example.org');
  });
});
