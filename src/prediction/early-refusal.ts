import type { Registry } from '../registry/registry';
import type { Admission } from './admission';
import type { Dispatcher } from './dispatcher';
import type { AnyTask } from './task';
import type { TicketOwner } from './ticket';

/** A body of so many bytes is taken for one with a picture: transactions and texts are a fraction of it. */
const LARGE_BYTES = 100_000;

export interface EarlyRefusalOptions {
  /** The task whose inputs are large. */
  readonly task: Pick<AnyTask, 'name' | 'preprocessingMs'>;
  readonly registry: Pick<Registry, 'liveFor'>;
  readonly dispatcher: Pick<Dispatcher, 'estimateWaitMs'>;
  readonly admission: Pick<Admission, 'check'>;
  /** Milliseconds for a prediction that does not say; what it says stands in the body that is not read. */
  readonly defaultTimeoutMs: number;
}

/** Throws OVERLOADED where a body of so many bytes would be read for nothing. */
export type RefuseEarly = (bytes: number, owner: TicketOwner) => void;

/**
 * Refuses pictures before they are read while the wait for them is too long: reading, parsing and decoding what is then
 * refused takes the very processor time that is short.
 */
export function createEarlyRefusal(options: EarlyRefusalOptions): RefuseEarly {
  const { task, registry, dispatcher, admission, defaultTimeoutMs: timeoutMs } = options;
  return (bytes, owner) => {
    if (!(bytes >= LARGE_BYTES)) return;
    const waits = registry.liveFor(task.name).map((version) => dispatcher.estimateWaitMs(version, owner));
    if (waits.length === 0) return;
    admission.check({ estimatedWaitMs: Math.min(...waits) + (task.preprocessingMs?.() ?? 0), timeoutMs });
  };
}
