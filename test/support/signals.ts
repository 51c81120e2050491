import { ClientLeftError } from '../../src/context';
import { Deadline } from '../../src/prediction/deadline';

/** A client that can leave. */
export interface FakeClient {
  readonly deadline: Deadline;
  leave(): void;
}

/** A deadline far away, of a client that may leave before. */
export function createClient(timeoutMs = 60_000): FakeClient {
  const controller = new AbortController();
  const deadline = new Deadline(controller.signal, timeoutMs);
  open.add(deadline);
  return { deadline, leave: () => controller.abort(new ClientLeftError()) };
}

const open = new Set<Deadline>();

/** Stops the clocks of all deadlines: call it after each test. */
export function disposeClients(): void {
  for (const deadline of open) deadline[Symbol.dispose]();
  open.clear();
}
