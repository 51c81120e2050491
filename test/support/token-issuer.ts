import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'predictql';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** Somebody who issues tokens and publishes the keys for them, as an identity provider does. */
export interface TokenIssuer {
  readonly jwksUrl: string;
  /** How often the keys were asked for. */
  readonly fetches: () => number;
  /** A token for `ada` that is right in every way, but for the changes. */
  readonly issue: (changes?: TokenChanges) => Promise<string>;
  /** Signs with another key from now on, and publishes only that one. */
  readonly rotate: () => Promise<void>;
  /** What is answered in place of the keys; undefined: the keys. */
  failWith: { readonly status: number; readonly body: string } | undefined;
  readonly close: () => Promise<void>;
}

export interface TokenChanges {
  readonly claims?: JWTPayload;
  readonly header?: { readonly alg?: string; readonly kid?: string | undefined };
  readonly key?: Parameters<SignJWT['sign']>[0];
  /** Seconds from now. */
  readonly expiresIn?: number;
}

export async function startTokenIssuer(alg = 'ES256'): Promise<TokenIssuer> {
  let fetches = 0;
  let generation = 0;
  let pair: KeyPair;
  let published: JWK;
  const server = createServer((_request, response) => {
    fetches++;
    const { status, body } = issuer.failWith ?? { status: 200, body: JSON.stringify({ keys: [published] }) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  const rotate = async (): Promise<void> => {
    pair = await generateKeyPair(alg);
    published = { ...(await exportJWK(pair.publicKey)), alg, kid: `key-${++generation}`, use: 'sig' };
  };
  await rotate();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer: TokenIssuer = {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    fetches: () => fetches,
    rotate,
    failWith: undefined,
    issue: ({ claims = {}, header = {}, key = pair.privateKey, expiresIn = 60 } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const all = { iss: ISSUER, aud: AUDIENCE, sub: 'ada', scope: 'models:read', iat: now, exp: now + expiresIn };
      return new SignJWT({ ...all, ...claims }).setProtectedHeader({ alg, kid: published.kid, ...header }).sign(key);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return issuer;
}
