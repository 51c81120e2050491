import type { ServerAccess } from '../../../src/guards/authenticate';
import { createForeignGuard, isAllowedOrigin, requireSafeAddress } from '../../../src/guards/foreign';

function guard(access: ServerAccess, allowedOrigins: readonly string[] = []) {
  return createForeignGuard({ allowedOrigins, access: () => access });
}

describe('a server without keys', () => {
  it.each(['localhost', 'localhost:4000', 'LOCALHOST:1', '127.0.0.1:4000', '127.0.1.1', '[::1]', '[::1]:4000'])(
    'answers to %s',
    (host) => {
      expect(() => guard('local')({ host: [host] })).not.toThrow();
    },
  );

  it.each([
    [['example.com']],
    [['localhost.example.com']],
    [['example.com:4000']],
    [['127.0.0.1.example.com']],
    [['localhost:4000@example.com']],
    [['localhost.']],
    [['[::ffff:127.0.0.1]']],
    [['0.0.0.0:4000']],
    [['']],
    [[]],
    [['localhost', 'example.com']],
  ])('does not answer to %j', (host) => {
    expect(() => guard('local')({ host })).toThrow(/answers only to localhost/);
  });

  it('does not listen where others can reach it', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1', '127.0.0.53'])
      expect(() => requireSafeAddress(host, 'local')).not.toThrow();
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com'])
      expect(() => requireSafeAddress(host, 'local')).toThrow(/set PREDICTQL_AUTH=off/);
  });
});

describe('a server that asks for keys, or was told not to', () => {
  it.each(['keys', 'off'] as const)('listens anywhere and answers to any name: %s', (access) => {
    expect(() => requireSafeAddress('0.0.0.0', access)).not.toThrow();
    expect(() => guard(access)({ host: ['example.com'] })).not.toThrow();
  });

  it.each(['keys', 'off'] as const)('refuses foreign pages all the same: %s', (access) => {
    const refused = { host: ['example.com'], origin: ['https://elsewhere.example'] };
    expect(() => guard(access)(refused)).toThrow(/PREDICTQL_ALLOWED_ORIGINS/);
    expect(() => guard(access, ['https://elsewhere.example'])(refused)).not.toThrow();
  });
});

describe('an origin', () => {
  it.each([
    ['of the server itself', 'https://api.example.com', 'api.example.com', []],
    ['of the server itself, with its port', 'http://example.com:4000', 'EXAMPLE.com:4000', []],
    ['of this machine, asked under a name of this machine', 'http://localhost:5173', '127.0.0.1:4000', []],
    ['of the setting', 'https://App.example.com', 'api.example.com', ['https://app.example.com']],
    ['that is any, by the setting', 'null', 'api.example.com', ['*']],
  ])('is allowed: %s', (_what, origin, host, allowed) => {
    expect(isAllowedOrigin(origin, host, allowed)).toBe(true);
  });

  it.each([
    ['https://example.com', 'api.example.com', []],
    ['https://api.example.com.evil.example', 'api.example.com', []],
    ['https://api.example.com:444', 'api.example.com', []],
    ['http://localhost:5173', 'api.example.com', []],
    ['http://localhost.example.com', 'localhost:4000', []],
    ['http://app.example.com', 'api.example.com', ['https://app.example.com']],
    ['null', 'localhost:4000', []],
    ['', 'localhost:4000', []],
    ['file://', 'localhost:4000', []],
    ['https://x/localhost:4000', 'localhost:4000', []],
    ['ftp://localhost:4000', 'localhost:4000', []],
  ])('is foreign: %s at %s', (origin, host, allowed) => {
    expect(isAllowedOrigin(origin, host, allowed)).toBe(false);
  });

  it('is foreign where one of two is', () => {
    const headers = { host: ['localhost:4000'], origin: ['http://localhost:4000', 'https://evil.example'] };
    expect(() => guard('local')(headers)).toThrow(/origin/);
  });
});
