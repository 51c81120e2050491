import { createHmac } from 'node:crypto';
import { exportSPKI, generateKeyPair, importJWK } from 'jose';
import type { Caller } from '../../../src/context';
import { createTokenVerifier } from '../../../src/guards/token-verifier';
import { silentLog } from '../../support/silent-log';
import { AUDIENCE, ISSUER, startTokenIssuer, type TokenChanges, type TokenIssuer } from '../../support/token-issuer';

let issuer: TokenIssuer;
let verify: (token: string) => Promise<Caller>;
beforeEach(async () => {
  issuer = await startTokenIssuer();
  verify = createVerifier();
});
afterEach(() => issuer.close());

function createVerifier(scopesClaim = 'scope') {
  return createTokenVerifier({
    jwksUrl: issuer.jwksUrl,
    issuer: ISSUER,
    audience: AUDIENCE,
    scopesClaim,
    log: silentLog,
  });
}

/** A token by hand, for what a library would not sign. */
function forge(header: object, claims: object, sign: (text: string) => string): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${sign(text)}`;
}

const claims = () => ({ iss: ISSUER, aud: AUDIENCE, sub: 'ada', scope: '*', exp: Math.floor(Date.now() / 1000) + 60 });

describe('a token', () => {
  it('of the issuer tells who asks, and with which of our scopes', async () => {
    const token = await issuer.issue({ claims: { scope: 'openid models:read predict:sentiment profile' } });
    expect(await verify(token)).toMatchObject({
      id: 'token:ada',
      name: 'ada',
      scopes: ['models:read', 'predict:sentiment'],
      priority: 'interactive',
    });
  });

  it.each([
    ['a list', ['models:write', 7, 'x'], ['models:write']],
    ['nothing', undefined, []],
    ['a number', 5, []],
  ])('may hold its scopes in another claim, as %s', async (_what, permissions, expected) => {
    const token = await issuer.issue({ claims: { permissions } });
    expect((await createVerifier('permissions')(token)).scopes).toEqual(expected);
  });

  it.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('may be signed with %s', async (alg) => {
    await issuer.close();
    issuer = await startTokenIssuer(alg);
    expect((await createVerifier()(await issuer.issue())).name).toBe('ada');
  });

  it.each<[string, TokenChanges, string]>([
    ['expired', { expiresIn: -30 }, 'The token has expired.'],
    ['expired just now, with the tolerance', { expiresIn: -5 }, 'The token has expired.'],
    ['for another audience', { claims: { aud: 'billing' } }, 'The token was issued for another audience.'],
    ['for nobody', { claims: { aud: undefined } }, 'The token has no claim "aud".'],
    ['by another issuer', { claims: { iss: 'https://evil.example' } }, 'The token was issued by somebody else.'],
    ['not valid yet', { claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }, 'The token is not valid yet.'],
    ['without an end', { claims: { exp: undefined } }, 'The token has no claim "exp".'],
    ['of nobody', { claims: { sub: undefined } }, 'The token has no claim "sub".'],
    ['of a name with line breaks', { claims: { sub: 'a\nb' } }, 'The token has no claim "sub" that can be a name.'],
    ['of an unknown key', { header: { kid: 'other' } }, 'The token is not signed with a key of its issuer.'],
  ])('that is %s is refused', async (_what, changes, message) => {
    await expect(verify(await issuer.issue(changes))).rejects.toMatchObject({ code: 'UNAUTHENTICATED', message });
  });

  it('is accepted for a moment after its end, since clocks differ', async () => {
    expect((await verify(await issuer.issue({ expiresIn: -2 }))).name).toBe('ada');
  });

  it('signed with a key of somebody else is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    await expect(verify(await issuer.issue({ key: privateKey }))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The token is not signed with a key of its issuer.',
    });
  });

  it.each([
    ['none', { alg: 'none' }, () => ''],
    ['None', { alg: 'None', kid: 'key-1' }, () => ''],
    [
      'HS256 with nothing',
      { alg: 'HS256', kid: 'key-1' },
      (text: string) => createHmac('sha256', '').update(text).digest('base64url'),
    ],
  ])('signed with %s is refused', async (_what, header, sign) => {
    await expect(verify(forge(header, claims(), sign))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringMatching(/signed in a way that is not accepted/),
    });
  });

  it('signed with the public key as if it were a secret is refused', async () => {
    const { keys } = (await (await fetch(issuer.jwksUrl)).json()) as { keys: Parameters<typeof importJWK>[0][] };
    const secret = await exportSPKI((await importJWK({ ...keys[0], ext: true }, 'ES256')) as never);
    const sign = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url');
    const token = forge({ alg: 'HS256', kid: 'key-1' }, claims(), sign);
    await expect(verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each(['a.b.c', '..', 'e30.e30.e30', `${'x'.repeat(9_000)}.e30.e30`])(
    'that is none is refused: %.12s',
    async (text) => {
      await expect(verify(text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    },
  );

  it('changed on the way is refused', async () => {
    const [header, , signature] = (await issuer.issue()).split('.');
    const other = Buffer.from(JSON.stringify({ ...claims(), scope: '*' })).toString('base64url');
    await expect(verify(`${header}.${other}.${signature}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('tells its bearer when it ends, and not who has left', async () => {
    const { onEnd } = await verify(await issuer.issue({ expiresIn: -3 }));
    let hasLeftBeenTold = false;
    onEnd?.(() => (hasLeftBeenTold = true))[Symbol.dispose]();
    const why = await new Promise<Error>((resolve) => onEnd?.(resolve));
    expect(why).toMatchObject({ code: 'UNAUTHENTICATED', message: 'The token has expired.' });
    expect(hasLeftBeenTold).toBe(false);
  });
});

describe('the keys of the issuer', () => {
  it('are fetched once for many tokens', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.issue()));
    await Promise.all(tokens.map((token) => verify(token)));
    expect(issuer.fetches()).toBe(1);
  });

  it('are not fetched for every unknown key', async () => {
    await verify(await issuer.issue());
    const unknown = await issuer.issue({ header: { kid: 'other' } });
    await Promise.all(Array.from({ length: 20 }, () => verify(unknown).catch(() => undefined)));
    expect(issuer.fetches()).toBe(1);
  });

  it.each([
    ['an error', { status: 500, body: 'no' }],
    ['something else', { status: 200, body: '<html>' }],
    ['no set of keys', { status: 200, body: '{"keys": 7}' }],
    ['another place', { status: 302, body: '' }],
  ])('that cannot be had for %s make nobody unauthenticated: later is said, and meant', async (_what, failure) => {
    issuer.failWith = failure;
    const token = await issuer.issue();
    await expect(verify(token)).rejects.toMatchObject({ code: 'OVERLOADED', extensions: { retryAfterMs: 2_000 } });
  });

  it('that cannot be reached are not asked for by every request', async () => {
    issuer.failWith = { status: 503, body: '' };
    const token = await issuer.issue();
    for (let asked = 0; asked < 5; asked++) await expect(verify(token)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(issuer.fetches()).toBe(1);
  });

  it('may have no names: all that fit are tried', async () => {
    await expect(verify(await issuer.issue({ header: { kid: undefined } }))).resolves.toMatchObject({ name: 'ada' });
  });
});
