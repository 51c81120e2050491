import { toError } from '../errors';
import type { TaskName } from '../registry/manifest';
import type { Registry } from '../registry/registry';
import type { Admission } from './admission';
import type { Predictor } from './predictor';
import type { TicketOwner } from './ticket';

/** A body of so many bytes is taken for one with a picture: transactions and texts are a fraction of it. */
const LARGE_BYTES = 100_000;

export interface EarlyRefusalOptions {
  /** The task whose inputs are large. */
  readonly largeInputs: TaskName;
  readonly registry: Pick<Registry, 'liveFor'>;
  readonly predictor: Pick<Predictor, 'waitMs'>;
  readonly admission: Pick<Admission, 'check'>;
  /** Milliseconds for a prediction that does not say. */
  readonly defaultTimeoutMs: number;
}

/**
 * Refuses predictions before their requests are worked on, while the wait for them is too long: reading, parsing and
 * decoding what is then refused takes the very processor time that is short.
 */
export class EarlyRefusal {
  constructor(private readonly options: EarlyRefusalOptions) {}

  /** Throws OVERLOADED where a body of so many bytes would be read for nothing. */
  checkSize(bytes: number, owner: TicketOwner): void {
    if (bytes >= LARGE_BYTES) this.check(this.options.largeInputs, owner);
  }

  /** Throws OVERLOADED where none of these could be predicted in time, by live versions and the default time. */
  checkTasks(tasks: readonly TaskName[], owner: TicketOwner): void {
    let refusal: Error | undefined;
    for (const task of tasks) {
      try {
        this.check(task, owner);
        return;
      } catch (error) {
        refusal ??= toError(error);
      }
    }
    if (refusal) throw refusal;
  }

  private check(name: TaskName, owner: TicketOwner): void {
    const { registry, predictor, admission, defaultTimeoutMs: timeoutMs } = this.options;
    const versions = registry.liveFor(name);
    // It will be told so where it is looked for.
    if (versions.length === 0) return;
    const waitMs = Math.min(...versions.map((version) => predictor.waitMs(version, owner)));
    admission.check({ estimatedWaitMs: waitMs, timeoutMs });
  }
}
