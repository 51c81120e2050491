import type { IncomingMessage } from 'node:http';
import type { Caller } from '../context';

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

/** Without keys whoever reaches the address may do everything. */
export function identifyAnyone({ address }: Pick<Approach, 'address'>): Promise<Caller> {
  return Promise.resolve({ id: `address:${address}`, name: undefined, scopes: ['*'], priority: 'interactive' });
}
