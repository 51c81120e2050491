import type { Caller } from '../../src/context';

/** Somebody who asks: anonymous and without any scope, unless told otherwise. */
export function createCaller(facts: Partial<Caller> = {}): Caller {
  return { id: 'address:127.0.0.1', name: undefined, scopes: [], priority: 'interactive', ...facts };
}
