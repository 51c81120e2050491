import type { IncomingMessage } from 'node:http';
import type { Caller } from '../context';
import { AppError } from '../errors';
import { readCredential } from './credential';
import type { KeyRing } from './key-ring';

/** What is known of a client before anything it sent is read. */
export interface Approach {
  /** By name in lower case, each with all its values: `IncomingMessage.headersDistinct`. */
  readonly headers: IncomingMessage['headersDistinct'];
  /** The address it comes from. */
  readonly address: string;
  /** What a WebSocket client sent when it connected: browsers cannot set headers there. */
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Finds out who asks. Called once for each HTTP request, before its body is read, and once for each WebSocket.
 * Rejects with UNAUTHENTICATED, or with OVERLOADED where it cannot be found out now.
 */
export type Identify = (approach: Approach) => Promise<Caller>;

/** `auto`: as soon as there is a key or tokens are accepted. `required`: always. `off`: never, whatever there is. */
export type AuthenticationMode = 'auto' | 'required' | 'off';

/**
 * Who is let in now. `keys`: whoever has a key or token. `local`: whoever is on this machine, since there is no key yet.
 * `off`: whoever reaches the address.
 */
export type ServerAccess = 'keys' | 'local' | 'off';

export interface AuthenticationOptions {
  readonly mode: AuthenticationMode;
  readonly keys: KeyRing;
  /** Who a JSON Web Token was given to; undefined where none are accepted. Rejects as `Identify` does. */
  readonly verifyToken: ((token: string) => Promise<Caller>) | undefined;
}

/** Decides whether a key is needed, and whose it is. */
export class Authentication {
  constructor(private readonly options: AuthenticationOptions) {}

  get access(): ServerAccess {
    const { mode, keys, verifyToken } = this.options;
    if (mode === 'off') return 'off';
    return mode === 'required' || keys.hasKeys || verifyToken !== undefined ? 'keys' : 'local';
  }

  readonly identify: Identify = async (approach) => {
    const { keys, verifyToken } = this.options;
    const { access } = this;
    if (access !== 'keys') return this.identifyAnyone(approach.address, access);
    const credential = readCredential(approach);
    if (credential === undefined)
      throw new AppError(
        'UNAUTHENTICATED',
        'This needs a key. Send it as "authorization: Bearer <key>" or as "x-api-key: <key>".',
      );
    const isToken = verifyToken !== undefined && credential.split('.').length === 3;
    return isToken ? verifyToken(credential) : keys.find(credential);
  };

  /** Without keys whoever reaches the address may do everything, until there is one. */
  private identifyAnyone(address: string, access: 'local' | 'off'): Caller {
    const caller: Caller = {
      id: `address:${address}`,
      name: undefined,
      scopes: ['*'],
      priority: 'interactive',
    };
    if (access === 'off') return caller;
    // Made only when it is told: an error with its stack costs more than all the rest of this.
    const needsKey = (): AppError => new AppError('UNAUTHENTICATED', 'From now on this needs a key.');
    return { ...caller, onEnd: (listener) => this.options.keys.onFirstKey(() => listener(needsKey())) };
  }
}
