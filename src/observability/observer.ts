import type { ErrorCode } from '../errors';

/** What may hold the trace that a request is part of: `traceparent` and `tracestate` of W3C Trace Context. */
export type TraceCarrier = Readonly<Record<string, unknown>>;

/** What a prediction passes through, in this order; where its call failed it waits again. */
export type Stage = 'admission' | 'preprocess' | 'queue' | 'inference' | 'postprocess';

/** A stretch of a traced request; those who pass it on need not know what it is. */
export interface Span {
  /** Names the trace in logs. */
  readonly traceId: string;
  /** Begins a stretch within this one. It ends with the fact it is handed over with, or with `end`. */
  begin(name: string): Span;
  /** The stage that begins now; the one before it ends. */
  enter(stage: Stage): void;
  /** For a stretch that no fact tells of. */
  end(): void;
}

export type Transport = 'http' | 'websocket';

/** A version as facts name it. */
export interface ObservedVersion {
  readonly task: string | undefined;
  readonly modelName: string;
  readonly version: string;
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

/** `left`: its client did not wait for it. */
export type Outcome = 'answered' | 'left' | ErrorCode;

/** A prediction that has come to its end. */
export interface PredictionFact {
  readonly id: string;
  readonly requestId: string;
  readonly task: string;
  /** Undefined where none could be chosen. */
  readonly version: ObservedVersion | undefined;
  /** Why this version; undefined where none could be chosen. */
  readonly role: string | undefined;
  readonly outcome: Outcome;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly times: StageTimes;
  /** What was asked. Only the prediction log may write it down, and only if it is told to. */
  readonly input: unknown;
  /** Where the input brought bytes, such as a picture, and an observer keeps them. */
  readonly inputBytes?: Uint8Array | undefined;
  /** What the task made of the model's outputs; undefined unless answered. */
  readonly result: unknown;
  readonly span: Span | undefined;
}

/** Where and when an engine process ran a batch. */
export interface EngineRun {
  /** The engine process's number. */
  readonly engine: number;
  /** Milliseconds since 1970, by the clock of the engine process. */
  readonly startedAt: number;
}

/** An inference call that has come to its end. */
export interface BatchFact {
  readonly version: ObservedVersion;
  /** Predictions that shared it, and the rows they brought. */
  readonly predictions: number;
  readonly rows: number;
  /** Places along the rows that were computed: tokens of texts, say. 0 where rows have no length. */
  readonly positions: number;
  /** Of these, those that only fill up shorter rows. */
  readonly padding: number;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Milliseconds inside the model; 0 where it failed. */
  readonly inferenceMs: number;
  readonly run: EngineRun | undefined;
  readonly error: Error | undefined;
  /** Of the predictions in it that are traced. */
  readonly spans: readonly Span[];
}

/** An error on its way to a client. */
export interface ErrorFact {
  readonly code: ErrorCode;
  /** Which of the causes that one code has. */
  readonly reason: string | undefined;
}

export interface ObservedOperation {
  readonly name: string | undefined;
  readonly type: string;
}

export interface ToldError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: readonly (string | number)[] | undefined;
}

/** One GraphQL operation that has come to its end, over HTTP or WebSocket. */
export interface RequestFact {
  readonly id: string;
  readonly transport: Transport;
  /** HTTP's method, and the status of the answer; undefined over WebSocket, and where no answer was sent. */
  readonly method: string | undefined;
  readonly status: number | undefined;
  /** Undefined where the document could not be read. */
  readonly operation: ObservedOperation | undefined;
  readonly caller: { readonly name: string | undefined };
  /** The client's; undefined where it is not known. */
  readonly address: string | undefined;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** The client did not wait for the answer. */
  readonly hasLeft: boolean;
  /** What the client was told had gone wrong. */
  readonly errors: readonly ToldError[];
  readonly predictions: readonly PredictionFact[];
  readonly span: Span | undefined;
}

/** A request over HTTP that was refused before it was looked at as GraphQL. */
export interface RefusalFact {
  readonly id: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** The route it was for; undefined where it could not be read so far. */
  readonly route: string | undefined;
  /** Undefined where nobody knows who asked. */
  readonly caller: { readonly name: string | undefined } | undefined;
  /** The client's; undefined where it is not known. */
  readonly address: string | undefined;
  /** From its head to the refusal, in milliseconds. */
  readonly ms: number;
}

/**
 * What the server did, told to those who count, log or trace it: finished facts, each told once. A listener returns at
 * once, never throws, and puts off what takes time.
 */
export interface Observer {
  /** Called as a request arrives. What it returns goes with all its facts; undefined: the request is not traced. */
  begin(transport: Transport, carrier: TraceCarrier): Span | undefined;
  /** Whether the bytes that come with a prediction's input are kept for its fact. By its id; called at most once. */
  keepsBytes(predictionId: string): boolean;
  onPrediction(fact: PredictionFact): void;
  onBatch(fact: BatchFact): void;
  onError(fact: ErrorFact): void;
  onRequest(fact: RequestFact): void;
  onRefusal(fact: RefusalFact): void;
}

/** One observer that tells several. The first that traces a request does so for all. */
export function observeAll(observers: readonly Partial<Observer>[]): Observer {
  const tell = <Fact>(listeners: readonly (((fact: Fact) => void) | undefined)[]): ((fact: Fact) => void) => {
    const [first, ...others] = listeners.filter((listener) => listener !== undefined);
    if (others.length === 0) return first ?? (() => undefined);
    return (fact) => {
      first?.(fact);
      for (const listener of others) listener(fact);
    };
  };
  const keepers = observers.flatMap((each) => (each.keepsBytes ? [each.keepsBytes.bind(each)] : []));
  const tracer = observers.find(({ begin }) => begin !== undefined);
  return {
    begin: (transport, carrier) => tracer?.begin?.(transport, carrier),
    keepsBytes: (id) => keepers.some((keeps) => keeps(id)),
    onPrediction: tell(observers.map((each) => each.onPrediction?.bind(each))),
    onBatch: tell(observers.map((each) => each.onBatch?.bind(each))),
    onError: tell(observers.map((each) => each.onError?.bind(each))),
    onRequest: tell(observers.map((each) => each.onRequest?.bind(each))),
    onRefusal: tell(observers.map((each) => each.onRefusal?.bind(each))),
  };
}

/** For those whom nobody watches. */
export const UNOBSERVED: Observer = observeAll([]);
