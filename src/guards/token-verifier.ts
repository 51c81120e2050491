import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Caller } from '../context';
import { AppError, toError } from '../errors';
import type { Logger } from '../observability/logger';

/** What must be known of tokens before one opens anything. */
export interface TokenSettings {
  /** Where the issuer publishes the keys that it signs with. */
  readonly jwksUrl: string;
  /** What the claim `iss` must be. */
  readonly issuer: string;
  /** What the claim `aud` must be or hold: a token for another service opens nothing here. */
  readonly audience: string;
  /** The claim with the scopes: a text divided by spaces, or a list. */
  readonly scopesClaim: string;
}

export interface TokenOptions extends TokenSettings {
  readonly log: Logger;
}

/** All that are asymmetric. With the others, whoever may check a token could also make one. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');
/** Clocks differ. */
const CLOCK_TOLERANCE_S = 5;
/** An issuer that cannot be reached is not asked by every request. */
const FETCH_AGAIN_MS = 2_000;
const FETCH_TIMEOUT_MS = 5_000;
/** A key that is not known yet makes the set be fetched again, so often at most. */
const UNKNOWN_KEY_MS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const SCOPE = /^(\*|models:(read|write)|metrics:read|predict:[a-z0-9-]+)$/;
/** For names that are written into events and logs. */
const SUBJECT = /^[^\p{Cc}]{1,256}$/u;

/** Checks JSON Web Tokens with the keys of their issuer. Its errors are UNAUTHENTICATED or OVERLOADED. */
export function createTokenVerifier(options: TokenOptions): (token: string) => Promise<Caller> {
  const { issuer, audience, scopesClaim } = options;
  const getKey = createKeyGetter(options);
  const checks = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_S,
    // One without an end would open for ever.
    requiredClaims: ['exp', 'sub'],
  };
  return async (token) => {
    let claims: JWTPayload;
    try {
      claims = (await jwtVerify(token, getKey, checks)).payload;
    } catch (error) {
      claims = await verifyWithEach(error, token, checks);
    }
    return toCaller(claims, scopesClaim);
  };
}

/** A token that does not say which key it is signed with is tried with all that fit. */
async function verifyWithEach(
  thrown: unknown,
  token: string,
  checks: Parameters<typeof jwtVerify>[2],
): Promise<JWTPayload> {
  if (!(thrown instanceof errors.JWKSMultipleMatchingKeys)) throw toAppError(thrown);
  for await (const key of thrown)
    try {
      return (await jwtVerify(token, key, checks)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw toAppError(error);
    }
  throw toAppError(new errors.JWSSignatureVerificationFailed());
}

/** The issuer's key for a token; throws OVERLOADED where the keys cannot be had, for which the token is not to blame. */
function createKeyGetter({ jwksUrl, log }: TokenOptions): JWTVerifyGetKey {
  let failedAt = -Infinity;
  const keySet = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: UNKNOWN_KEY_MS,
    [customFetch]: async (url, init) => {
      if (performance.now() - failedAt < FETCH_AGAIN_MS) throw new Error('It failed a moment ago.');
      try {
        const response = await fetch(url, init);
        if (response.status !== 200) throw new Error(`It answered with status ${response.status}.`);
        return response;
      } catch (error) {
        failedAt = performance.now();
        log.warn({ url, error: toError(error) }, 'the keys of the token issuer cannot be fetched');
        throw error;
      }
    },
  });
  return async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (error) {
      const isAboutToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      if (isAboutToken) throw error;
      throw new AppError('OVERLOADED', 'The keys that tokens are checked with cannot be had now. Try again.', {
        cause: error,
        extensions: { retryAfterMs: FETCH_AGAIN_MS },
      });
    }
  };
}

function toCaller(claims: JWTPayload, scopesClaim: string): Caller {
  const { sub, exp } = claims as { readonly sub: unknown; readonly exp: number };
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) throw refuse('The token has no claim "sub" that can be a name.');
  const endsAt = (exp + CLOCK_TOLERANCE_S) * 1000;
  return {
    id: `token:${sub}`,
    name: sub,
    scopes: readScopes(claims[scopesClaim]),
    priority: 'interactive',
    onEnd: (listener) => callAt(endsAt, () => listener(refuse('The token has expired.'))),
  };
}

/** Those of ours: a token may hold scopes of other services too. */
function readScopes(claim: unknown): string[] {
  const texts: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return texts.filter((text): text is string => typeof text === 'string' && SCOPE.test(text));
}

function callAt(timeMs: number, listener: () => void): Disposable {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = timeMs - Date.now();
    // Node fires a timer at once that is further away than it can count.
    timer = leftMs <= 0 ? setTimeout(listener) : setTimeout(arm, Math.min(leftMs, LONGEST_TIMER_MS));
    timer.unref();
  };
  arm();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof errors.JWTExpired) return refuse('The token has expired.', thrown);
  if (thrown instanceof errors.JWTClaimValidationFailed) return refuse(describeClaim(thrown), thrown);
  if (thrown instanceof errors.JOSEAlgNotAllowed)
    return refuse(
      'The token is signed in a way that is not accepted. Expected RS256, ES256 or another of two keys.',
      thrown,
    );
  if (thrown instanceof errors.JWSSignatureVerificationFailed || thrown instanceof errors.JWKSNoMatchingKey)
    return refuse('The token is not signed with a key of its issuer.', thrown);
  return refuse('The token cannot be read.', toError(thrown));
}

function describeClaim({ claim, reason }: { readonly claim: string; readonly reason: string }): string {
  if (reason === 'missing') return `The token has no claim "${claim}".`;
  if (claim === 'aud') return 'The token was issued for another audience.';
  if (claim === 'iss') return 'The token was issued by somebody else.';
  if (claim === 'nbf') return 'The token is not valid yet.';
  return `The claim "${claim}" of the token is not valid.`;
}

function refuse(message: string, cause?: Error): AppError {
  return new AppError('UNAUTHENTICATED', message, { cause });
}
