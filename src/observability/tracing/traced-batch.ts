import { ROOT_CONTEXT, trace, type Span as ApiSpan } from '@opentelemetry/api';
import type { BatchFact } from '../observer';
import { attributesOfBatch } from './attributes';
import { endSpan, TracedSpan, type Linkable, type SpanKit } from './traced-span';

/** A batch belongs to no request more than to another: it begins a trace of its own, and each points to the other. */
export function traceBatch(fact: BatchFact, kit: SpanKit): void {
  const spans = fact.spans.filter((span) => span instanceof TracedSpan);
  const batch = new TracedBatch(fact, [...new Set(spans)], kit);
  for (const span of spans) span.link(batch);
  kit.ended.add(batch);
}

class TracedBatch implements Linkable {
  private made: ApiSpan | undefined;
  private readonly startTime: number;
  private readonly endTime: number;

  constructor(
    private readonly fact: BatchFact,
    /** Of the predictions in it that are traced, each once. */
    private readonly spans: readonly TracedSpan[],
    private readonly kit: SpanKit,
  ) {
    this.startTime = kit.clock.at(fact.startedAt);
    this.endTime = kit.clock.at(fact.endedAt);
  }

  get apiSpan(): ApiSpan {
    const { fact, spans, startTime } = this;
    return (this.made ??= this.kit.tracer.startSpan(
      `batch ${fact.version.task ?? fact.version.modelName}`,
      {
        startTime,
        attributes: attributesOfBatch(fact),
        links: spans.map(({ apiSpan }) => ({ context: apiSpan.spanContext() })),
      },
      ROOT_CONTEXT,
    ));
  }

  write(): void {
    const { fact, startTime, endTime, apiSpan } = this;
    if (fact.run) {
      // The engine process has a clock of its own; what it measured lies within the call all the same.
      const latest = endTime - fact.inferenceMs;
      const ranAt = Math.max(startTime, Math.min(fact.run.startedAt, latest));
      const attributes = { 'predictql.engine': fact.run.engine };
      this.kit.tracer
        .startSpan('engine run', { startTime: ranAt, attributes }, trace.setSpan(ROOT_CONTEXT, apiSpan))
        .end(ranAt + fact.inferenceMs);
    }
    endSpan(apiSpan, { endTime, error: fact.error?.name });
  }
}
