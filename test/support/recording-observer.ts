import type {
  BatchFact,
  ErrorFact,
  Observer,
  PredictionFact,
  RequestFact,
  Span,
  Stage,
} from '../../src/observability/observer';

/** An observer that keeps what it is told. It traces every request, by spans that are only a name and a parent. */
export interface RecordingObserver extends Observer {
  readonly predictions: PredictionFact[];
  readonly batches: BatchFact[];
  readonly errors: ErrorFact[];
  readonly requests: RequestFact[];
}

export interface NamedSpan extends Span {
  readonly name: string;
  readonly parent: NamedSpan | undefined;
  /** In the order in which they were entered. */
  readonly stages: Stage[];
}

export function recordingObserver(): RecordingObserver {
  const predictions: PredictionFact[] = [];
  const batches: BatchFact[] = [];
  const errors: ErrorFact[] = [];
  const requests: RequestFact[] = [];
  return {
    predictions,
    batches,
    errors,
    requests,
    begin: (transport) => createSpan(transport, undefined),
    keepsBytes: () => false,
    onRefusal: () => undefined,
    onPrediction: (fact) => void predictions.push(fact),
    onBatch: (fact) => void batches.push(fact),
    onError: (fact) => void errors.push(fact),
    onRequest: (fact) => void requests.push(fact),
  };
}

function createSpan(name: string, parent: NamedSpan | undefined): NamedSpan {
  const stages: Stage[] = [];
  const span: NamedSpan = {
    ...{ name, parent, stages, traceId: parent?.traceId ?? 't' },
    begin: (below) => createSpan(below, span),
    enter: (stage) => void stages.push(stage),
    end: () => undefined,
  };
  return span;
}
