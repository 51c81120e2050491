import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span as ApiSpan,
  type Tracer,
} from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import type { Span, Stage } from '../observer';
import type { EndedSpans } from './ended-spans';
import type { WallClock } from './wall-clock';

/** What spans are made with. */
export interface SpanKit {
  readonly tracer: Tracer;
  readonly clock: WallClock;
  readonly ended: EndedSpans;
}

/** How a span ends: on the clock of `performance.now()`, and with what, where it failed. */
export interface SpanEnd {
  /** Default: the one it began with. */
  readonly name?: string;
  readonly attributes?: Attributes;
  /** A code of ours, or the name of an error: never a message, which might hold what was sent. */
  readonly error?: string | undefined;
  /** Default: now. */
  readonly at?: number;
}

/** A span of OpenTelemetry that may be made later. */
export interface Linkable {
  /** Made when it is first read. */
  readonly apiSpan: ApiSpan;
}

interface StageRecord {
  readonly stage: Stage;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly links: Linkable[];
}

/**
 * A span of OpenTelemetry in the words of the observer. It only notes what happens; the spans are made once it has ended,
 * many at once, see `EndedSpans`. All of it does nothing once it has ended.
 */
export class TracedSpan implements Span, Linkable {
  private readonly stages: StageRecord[] = [];
  private ending: (SpanEnd & { readonly endTime: number }) | undefined;
  private made: ApiSpan | undefined;
  private below: Context | undefined;

  constructor(
    private readonly make: () => ApiSpan,
    private readonly kit: SpanKit,
  ) {}

  get apiSpan(): ApiSpan {
    return (this.made ??= this.make());
  }

  get traceId(): string {
    return this.apiSpan.spanContext().traceId;
  }

  begin(name: string): TracedSpan {
    const startTime = this.kit.clock.now();
    return new TracedSpan(() => this.makeBelow(name, startTime), this.kit);
  }

  enter(stage: Stage): void {
    if (!this.ending) this.stages.push({ stage, startTime: this.kit.clock.now(), links: [] });
  }

  /** Points to another span from the stage that it is in. */
  link(to: Linkable): void {
    if (!this.ending) this.stages.at(-1)?.links.push(to);
  }

  end(end: SpanEnd = {}): void {
    if (this.ending) return;
    this.ending = { ...end, endTime: this.kit.clock.at(end.at ?? performance.now()) };
    this.kit.ended.add(this);
  }

  /** Makes the spans of what was noted; once, after the end. */
  write(): void {
    if (!this.ending) return;
    const { name, attributes = {}, error, endTime } = this.ending;
    for (const [index, { stage, startTime, links }] of this.stages.entries()) {
      const span = this.makeBelow(stage, startTime);
      for (const { apiSpan } of links) span.addLink({ context: apiSpan.spanContext() });
      const next = this.stages[index + 1];
      endSpan(span, next ? { endTime: next.startTime } : { endTime, error });
    }
    const span = this.apiSpan;
    if (name !== undefined) span.updateName(name);
    span.setAttributes(attributes);
    endSpan(span, { endTime, error });
  }

  private makeBelow(name: string, startTime: number): ApiSpan {
    this.below ??= trace.setSpan(ROOT_CONTEXT, this.apiSpan);
    return this.kit.tracer.startSpan(name, { startTime }, this.below);
  }
}

export function endSpan(
  span: ApiSpan,
  { endTime, error }: { readonly endTime: number; readonly error?: string | undefined },
): void {
  if (error !== undefined) {
    span.setAttribute(ATTR_ERROR_TYPE, error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  }
  span.end(endTime);
}
