import type { AppError } from '../errors';
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
  readonly admission: Pick<Admission, 'refusalOf'>;
  /** Milliseconds for a prediction that does not say. */
  readonly defaultTimeoutMs: number;
}

/**
 * Refuses predictions before their requests are worked on, while the wait for them is too long: reading, parsing and
 * decoding what is then refused takes the very processor time that is short. For the same reason nothing is thrown here.
 */
export class EarlyRefusal {
  constructor(private readonly options: EarlyRefusalOptions) {}

  /** OVERLOADED where a body of so many bytes would be read for nothing. */
  ofSize(bytes: number, owner: TicketOwner): AppError | undefined {
    return bytes >= LARGE_BYTES ? this.ofTask(this.options.largeInputs, owner) : undefined;
  }

  /** OVERLOADED where none of these could be predicted in time, by live versions and the default time. */
  ofTasks(tasks: readonly TaskName[], owner: TicketOwner): AppError | undefined {
    let first: AppError | undefined;
    for (const task of tasks) {
      const refusal = this.ofTask(task, owner);
      if (!refusal) return undefined;
      first ??= refusal;
    }
    return first;
  }

  private ofTask(name: TaskName, owner: TicketOwner): AppError | undefined {
    const { registry, predictor, admission, defaultTimeoutMs: timeoutMs } = this.options;
    const versions = registry.liveFor(name);
    // It will be told so where it is looked for.
    if (versions.length === 0) return undefined;
    const estimatedWaitMs = Math.min(...versions.map((version) => predictor.waitMs(version, owner)));
    return admission.refusalOf({ estimatedWaitMs, timeoutMs });
  }
}
