import { randomUUID } from 'node:crypto';
import { ClientLeftError, type RequestContext } from '../context';
import { AppError, type ErrorCode } from '../errors';
import {
  UNOBSERVED,
  type Observer,
  type Outcome,
  type PredictionFact,
  type Span,
  type StageTimes,
} from '../observability/observer';
import type { ServingRole, VersionSelector } from '../registry/model';
import type { ModelVersion, VersionLease } from '../registry/model-version';
import type { Registry } from '../registry/registry';
import type { Tensors } from '../tensor';
import { roundMs } from '../transforms/round';
import type { Admission } from './admission';
import { Deadline } from './deadline';
import type { Dispatcher } from './dispatcher';
import { PreprocessingTurns, type PreprocessingTurn } from './preprocessing-turns';
import type { Row, Task } from './task';
import type { TicketOwner, TicketResult } from './ticket';

/** Batches of an engine process that are prepared: one is computed, one waits, one is being made. */
const BATCHES_AHEAD = 3;

/** What a client may ask of how its prediction is made. */
export interface PredictSettings {
  readonly model?: string | undefined;
  readonly version?: VersionSelector | undefined;
  /** Milliseconds, 1 to 60,000. */
  readonly timeoutMs?: number | undefined;
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
  /** Hears of each prediction when it has ended. Default: nobody. */
  readonly observer?: Observer;
}

/** What a prediction is asked for with: the input, the client's settings, and the request it belongs to. */
export interface PredictRequest<Input> {
  readonly input: Input;
  readonly settings: PredictSettings;
  readonly context: RequestContext;
}

/** The path of a prediction, every stage in order. */
export class Predictor {
  private readonly preprocessing = new PreprocessingTurns();

  constructor(private readonly options: PredictorOptions) {}

  async predict<Input, Assets, Facts, Result>(
    task: Task<Input, Assets, Facts, Result>,
    { input, settings, context }: PredictRequest<Input>,
  ): Promise<Predicted<Result, Assets>> {
    const { registry, dispatcher, admission, defaultTimeoutMs } = this.options;
    const clock = new StageClock();
    const timeoutMs = settings.timeoutMs ?? defaultTimeoutMs;
    const span = context.span?.begin(task.name);
    const attempt: Attempt = { id: randomUUID(), task: task.name, input, span };
    span?.enter('admission');
    const { observer = UNOBSERVED } = this.options;
    try {
      const { lease, role } = registry.select({ task: task.name, ...settings });
      context.keep(lease);
      const { version } = lease;
      attempt.version = version;
      attempt.role = role;
      const assets = lease.servable.assets as Assets; // the version was loaded by this very task
      using deadline = new Deadline(context.cancellation, timeoutMs);
      using place = admission.enter({ estimatedWaitMs: this.waitMs(version, context.caller), timeoutMs });
      attempt.isAdmitted = true;
      span?.enter('preprocess');
      using turn = this.preprocessing.enter({
        version,
        owner: context.caller,
        maxAhead: BATCHES_AHEAD * lease.servable.manifest.batching.maxBatchSize * dispatcher.parallelism,
        cancellation: deadline,
        span,
      });
      attempt.turn = turn;
      const { row, facts, bytes } = await clock.time('preprocessMs', () => {
        const preprocessing = task.preprocess(input, assets, turn);
        if (!(preprocessing instanceof Promise)) return preprocessing;
        place.keepFor(preprocessing);
        return during(dispatcher.turns.expect(version, context.caller), deadline.race(preprocessing));
      });
      if (bytes && observer.keepsBytes(attempt.id)) attempt.inputBytes = bytes;
      const ran = await this.run({ task, lease, rows: [row], deadline, owner: context.caller, span });
      const outputs = ran.outputs[0] as Tensors;
      span?.enter('postprocess');
      const result = await clock.time('postprocessMs', () => task.postprocess(outputs, { assets, facts, input }));
      const timing = clock.stop(ran, turn);
      version.statistics.recordAnswer(timing.totalMs);
      this.tell(context, attempt, { outcome: 'answered', times: timing, result });
      const infer = (rows: readonly Row[]): Promise<readonly Tensors[]> =>
        this.inferMore({ task, lease, rows, context, timeoutMs, span: span?.begin(`${task.name} further rows`) });
      return {
        ...result,
        id: attempt.id,
        servedBy: { modelName: version.modelName, version: version.version, role },
        timing,
        source: { assets, infer },
      };
    } catch (error) {
      if (attempt.isAdmitted && !isClientsFault(error)) attempt.version?.statistics.recordFailure();
      this.tell(context, attempt, {
        outcome: outcomeOf(error),
        times: clock.stop(NOT_RUN, attempt.turn),
        result: undefined,
      });
      throw error;
    }
  }

  /**
   * How long a prediction of this caller would wait now, in milliseconds, by what is queued. Inputs are preprocessed
   * while others are computed, so the slower of both tells.
   */
  waitMs(version: ModelVersion, owner: TicketOwner): number {
    return Math.max(
      this.options.dispatcher.turns.waitMs(version, owner),
      this.preprocessing.backlogMsBefore(version, owner),
    );
  }

  /** Rows that belong to a prediction which has been answered already: same version, one call, a place of their own. */
  private async inferMore({ task, lease, rows, context, timeoutMs, span }: MoreRows): Promise<readonly Tensors[]> {
    const { dispatcher, admission } = this.options;
    try {
      using _place = admission.enter({
        estimatedWaitMs: dispatcher.turns.waitMs(lease.version, context.caller),
        timeoutMs,
      });
      using deadline = new Deadline(context.cancellation, timeoutMs);
      return (await this.run({ task, lease, rows, deadline, owner: context.caller, span })).outputs;
    } finally {
      span?.end();
    }
  }

  private tell(
    context: RequestContext,
    attempt: Attempt,
    end: Pick<PredictionFact, 'outcome' | 'times' | 'result'>,
  ): void {
    const { id, task, version, role, input, inputBytes, span } = attempt;
    const startedAt = performance.now() - end.times.totalMs;
    const fact = { id, requestId: context.id, task, version, role, input, inputBytes, span, startedAt, ...end };
    context.predictions.push(fact);
    (this.options.observer ?? UNOBSERVED).onPrediction(fact);
  }

  private run({ task, lease, ...rest }: RunRequest): Promise<TicketResult> {
    const { version, servable } = lease;
    const { maxBatchSize } = servable.manifest.batching;
    return this.options.dispatcher.enqueue({ version, maxBatchSize, collate: task.collate, ...rest });
  }
}

interface RunRequest {
  readonly task: Pick<Task<never, never, never, never>, 'collate'>;
  readonly lease: VersionLease;
  readonly rows: readonly Row[];
  readonly deadline: Deadline;
  readonly owner: TicketOwner;
  readonly span?: Span | undefined;
}

/** A prediction under way, as far as it has come. */
interface Attempt extends Pick<PredictionFact, 'id' | 'task' | 'input' | 'span'> {
  version?: ModelVersion;
  role?: ServingRole;
  inputBytes?: Uint8Array;
  isAdmitted?: boolean;
  turn?: PreprocessingTurn;
}

interface MoreRows extends Omit<RunRequest, 'deadline' | 'owner'> {
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

  /** Waiting is no preprocessing, wherever it was done. */
  stop({ queueMs, inferenceMs, batchSize }: typeof NOT_RUN, { waitedMs } = NOT_WAITED): StageTimes {
    return {
      preprocessMs: roundMs(this.times.preprocessMs - waitedMs),
      queueMs: roundMs(queueMs + waitedMs),
      inferenceMs: roundMs(inferenceMs),
      postprocessMs: roundMs(this.times.postprocessMs),
      batchSize,
      totalMs: roundMs(performance.now() - this.startedAt),
    };
  }
}

async function during<Result>(held: Disposable | undefined, work: Promise<Result>): Promise<Result> {
  using _held = held;
  return await work;
}

/** How far a prediction came that has no ticket's result. */
const NOT_RUN = { queueMs: 0, inferenceMs: 0, batchSize: 0 };
const NOT_WAITED = { waitedMs: 0 };

function outcomeOf(error: unknown): Outcome {
  if (error instanceof AppError) return error.code;
  return error instanceof ClientLeftError ? 'left' : 'INTERNAL_SERVER_ERROR';
}

const CLIENTS_FAULTS: readonly ErrorCode[] = ['BAD_USER_INPUT', 'UNSUPPORTED_IMAGE', 'PAYLOAD_TOO_LARGE'];

/** Not a failure of the version: the input was refused, or nobody waits for the answer. */
function isClientsFault(error: unknown): boolean {
  if (!(error instanceof AppError)) return error instanceof ClientLeftError;
  return CLIENTS_FAULTS.includes(error.code);
}
