import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../context';
import { AppError, type ErrorCode } from '../errors';
import type { ServingRole, VersionSelector } from '../registry/model';
import type { VersionLease } from '../registry/model-version';
import type { Registry } from '../registry/registry';
import type { Tensors } from '../tensor';
import type { Admission } from './admission';
import { Deadline } from './deadline';
import type { Dispatcher } from './dispatcher';
import type { Row, Task } from './task';
import type { TicketResult } from './ticket';

/** What a client may ask of how its prediction is made. */
export interface PredictSettings {
  readonly model?: string | undefined;
  readonly version?: VersionSelector | undefined;
  /** Milliseconds, 1 to 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** Milliseconds from the clock of one process; a stage that was not reached took 0. */
export interface StageTimes {
  readonly totalMs: number;
  readonly preprocessMs: number;
  readonly queueMs: number;
  readonly inferenceMs: number;
  readonly postprocessMs: number;
  /** Rows in the inference call. */
  readonly batchSize: number;
}

/** A result with who gave it and how long each stage took. */
export type Predicted<Result, Assets = unknown> = Result & {
  readonly id: string;
  readonly servedBy: { readonly modelName: string; readonly version: string; readonly role: ServingRole };
  readonly timing: StageTimes;
  /** The version that answered, kept loaded until the answer is sent; fields computed later use it. */
  readonly source: PredictionSource<Assets>;
};

export interface PredictionSource<Assets> {
  readonly assets: Assets;
  /** Runs further rows on the same version, all in one inference call. */
  infer(rows: readonly Row[]): Promise<readonly Tensors[]>;
}

export interface PredictorOptions {
  readonly registry: Pick<Registry, 'select'>;
  readonly dispatcher: Dispatcher;
  readonly admission: Admission;
  /** Milliseconds for a prediction that does not say. */
  readonly defaultTimeoutMs: number;
}

/** What a prediction is asked for with: the input, the client's settings, and the request it belongs to. */
export interface PredictRequest<Input> {
  readonly input: Input;
  readonly settings: PredictSettings;
  readonly context: RequestContext;
}

/** The path of a prediction, every stage in order. */
export class Predictor {
  constructor(private readonly options: PredictorOptions) {}

  async predict<Input, Assets, Facts, Result>(
    task: Task<Input, Assets, Facts, Result>,
    { input, settings, context }: PredictRequest<Input>,
  ): Promise<Predicted<Result, Assets>> {
    const { registry, dispatcher, admission, defaultTimeoutMs } = this.options;
    const clock = new StageClock();
    const timeoutMs = settings.timeoutMs ?? defaultTimeoutMs;
    const { lease, role } = registry.select({ task: task.name, ...settings });
    context.keep(lease);
    const { version } = lease;
    const assets = lease.servable.assets as Assets; // the version was loaded by this very task
    using deadline = new Deadline(context.signal, timeoutMs);
    using place = admission.enter({ estimatedWaitMs: dispatcher.estimateWaitMs(version), timeoutMs });
    try {
      const { row, facts } = await clock.time('preprocessMs', () => {
        const preprocessing = Promise.resolve(task.preprocess(input, assets, deadline.signal));
        place.keepFor(preprocessing);
        return deadline.race(preprocessing);
      });
      const ran = await this.run({ task, lease, rows: [row], deadline });
      const outputs = ran.outputs[0] as Tensors;
      const result = await clock.time('postprocessMs', () => task.postprocess(outputs, { assets, facts, input }));
      const timing = clock.stop(ran);
      version.statistics.recordAnswer(timing.totalMs);
      const infer = (rows: readonly Row[]): Promise<readonly Tensors[]> =>
        this.inferMore({ task, lease, rows, context, timeoutMs });
      return {
        ...result,
        id: randomUUID(),
        servedBy: { modelName: version.modelName, version: version.version, role },
        timing,
        source: { assets, infer },
      };
    } catch (error) {
      if (!isClientsFault(error)) version.statistics.recordFailure();
      throw error;
    }
  }

  /** Rows that belong to a prediction which has been answered already: same version, one call, a place of their own. */
  private async inferMore({ task, lease, rows, context, timeoutMs }: MoreRows): Promise<readonly Tensors[]> {
    const { dispatcher, admission } = this.options;
    using _place = admission.enter({ estimatedWaitMs: dispatcher.estimateWaitMs(lease.version), timeoutMs });
    using deadline = new Deadline(context.signal, timeoutMs);
    return (await this.run({ task, lease, rows, deadline })).outputs;
  }

  private run({ task, lease, rows, deadline }: RunRequest): Promise<TicketResult> {
    const { version, servable } = lease;
    const { maxBatchSize } = servable.manifest.batching;
    return this.options.dispatcher.enqueue({ version, maxBatchSize, collate: task.collate, rows, deadline });
  }
}

interface RunRequest {
  readonly task: Pick<Task<never, never, never, never>, 'collate'>;
  readonly lease: VersionLease;
  readonly rows: readonly Row[];
  readonly deadline: Deadline;
}

interface MoreRows extends Omit<RunRequest, 'deadline'> {
  readonly context: RequestContext;
  /** What the client allowed the prediction. */
  readonly timeoutMs: number;
}

/** Times the stages that run in this process. */
class StageClock {
  private readonly startedAt = performance.now();
  private readonly times = { preprocessMs: 0, postprocessMs: 0 };

  async time<Result>(stage: keyof StageClock['times'], work: () => Result | Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.times[stage] = performance.now() - startedAt;
    }
  }

  stop({ queueMs, inferenceMs, batchSize }: TicketResult): StageTimes {
    return { ...this.times, queueMs, inferenceMs, batchSize, totalMs: performance.now() - this.startedAt };
  }
}

const CLIENTS_FAULTS: readonly ErrorCode[] = ['BAD_USER_INPUT', 'UNSUPPORTED_IMAGE', 'PAYLOAD_TOO_LARGE'];

/** Not a failure of the version: the input was refused, or nobody waits for the answer. */
function isClientsFault(error: unknown): boolean {
  if (!(error instanceof AppError)) return error instanceof Error && error.name === 'ClientLeftError';
  return CLIENTS_FAULTS.includes(error.code);
}
