import { Cancellation } from '../../src/cancellation';
import { ClientLeftError } from '../../src/context';
import { Deadline } from '../../src/prediction/deadline';

/** A client that can leave. */
export interface FakeClient {
  readonly deadline: Deadline;
  leave(): void;
}

/** A deadline far away, of a client that may leave before. */
export function createClient(timeoutMs = 60_000): FakeClient {
  const client = new Cancellation();
  const deadline = new Deadline(client, timeoutMs);
  open.add(deadline);
  return { deadline, leave: () => client.cancel(new ClientLeftError()) };
}

const open = new Set<Deadline>();

/** Stops the clocks of all deadlines: call it after each test. */
export function disposeClients(): void {
  for (const deadline of open) deadline[Symbol.dispose]();
  open.clear();
}
