import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, type JWTPayload } from 'jose';
import { ask, codesOf } from '../../support/graphql';
import { startServer, type TestServer } from '../../support/server';
import { openSocket, SocketRefusedError } from '../../support/websocket';

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'predictql';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const JWKS = JSON.stringify({
  keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'key-1', use: 'sig' }],
});

const VIEWER = { text: '{ viewer { name } }' };

let issuer: Server;
let server: TestServer;
beforeAll(async () => {
  issuer = createServer((_request, response) => void response.setHeader('content-type', 'application/json').end(JWKS));
  issuer.listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  server = await startServer({
    settings: {
      PREDICTQL_JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json`,
      PREDICTQL_JWT_ISSUER: ISSUER,
      PREDICTQL_JWT_AUDIENCE: AUDIENCE,
    },
  });
});
afterAll(async () => {
  await server.stop();
  issuer.closeAllConnections();
  issuer.close();
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (): JWTPayload => {
  return { iss: ISSUER, aud: AUDIENCE, sub: 'mallory', scope: '*', iat: now(), exp: now() + 600 };
};
const now = (): number => Math.floor(Date.now() / 1000);

/** A token that is right in every way, but for the changes. */
function issue(changes: JWTPayload = {}, key: KeyObject = privateKey, kid = 'key-1'): Promise<string> {
  return new SignJWT({ ...claims(), ...changes }).setProtectedHeader({ alg: 'ES256', kid }).sign(key);
}

const unsigned = (alg: string): string => `${encode({ alg, typ: 'JWT', kid: 'key-1' })}.${encode(claims())}.`;

/** Signed with what is public as if it were a secret, which a library would believe that lets the token choose. */
function signedWithPublicKey(): string {
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  const text = `${encode({ alg: 'HS256', kid: 'key-1' })}.${encode(claims())}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

async function withoutItsSignature(): Promise<string> {
  const [head, body] = (await issue()).split('.');
  return `${head}.${body}.`;
}

async function withOtherClaims(): Promise<string> {
  const [head, , signature] = (await issue()).split('.');
  return `${head}.${encode({ ...claims(), sub: 'evil' })}.${signature}`;
}

const TRICKS: readonly (readonly [what: string, make: () => string | Promise<string>])[] = [
  ['signed with nothing', () => unsigned('none')],
  ['signed with nothing, in other letters', () => unsigned('nOnE')],
  ['that says who signed it, without a signature', withoutItsSignature],
  ['signed with the public key', signedWithPublicKey],
  [
    'signed with a key of somebody else',
    () => issue({}, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  ],
  ['of a key that the issuer has not', () => issue({}, privateKey, '../../etc/passwd')],
  ['changed on the way', withOtherClaims],
  ['that has expired', () => issue({ exp: now() - 60 })],
  ['that never expires', () => issue({ exp: undefined })],
  ['that is not valid yet', () => issue({ nbf: now() + 600 })],
  ['for another audience', () => issue({ aud: 'billing' })],
  ['of another issuer', () => issue({ iss: 'https://evil.example' })],
  ['of nobody', () => issue({ sub: undefined })],
  ['of three empty parts', () => '..'],
  ['of three parts that are none', () => 'e30.e30.e30'],
];

it('a token that is right opens, so that what follows means something', async () => {
  const headers = { authorization: `Bearer ${await issue()}` };
  expect((await ask(server, VIEWER, {}, { headers })).errors).toEqual([]);
});

it.each(TRICKS)('a token %s opens nothing over HTTP', async (_what, make) => {
  const answer = await ask(server, VIEWER, {}, { headers: { authorization: `Bearer ${await make()}` } });
  expect({ status: answer.status, codes: codesOf(answer) }).toEqual({ status: 401, codes: ['UNAUTHENTICATED'] });
  expect(answer.text).not.toMatch(/mallory|evil|billing|passwd|jose|JWS|JWK/);
});

it.each(TRICKS)('a token %s opens nothing over WebSocket', async (_what, make) => {
  const connectionParams = { authorization: `Bearer ${await make()}` };
  const error: unknown = await openSocket(server, { connectionParams }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SocketRefusedError);
  expect((error as SocketRefusedError).end.code).toBe(4401);
});
