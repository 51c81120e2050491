import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span as ApiSpan,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import type { Span, Stage } from '../observer';
import type { WallClock } from './wall-clock';

/** What spans are made with. */
export interface SpanKit {
  readonly tracer: Tracer;
  readonly clock: WallClock;
}

/** How a span ends: on the clock of `performance.now()`, and with what, where it failed. */
export interface SpanEnd {
  readonly attributes?: Attributes;
  /** A code of ours, or the name of an error: never a message, which might hold what was sent. */
  readonly error?: string | undefined;
  /** Default: now. */
  readonly at?: number;
}

/** A span of OpenTelemetry in the words of the observer. All of it does nothing once it has ended. */
export class TracedSpan implements Span {
  private readonly below: Context;
  private stage: ApiSpan | undefined;
  private hasEnded = false;

  constructor(
    private readonly span: ApiSpan,
    private readonly kit: SpanKit,
  ) {
    this.below = trace.setSpan(ROOT_CONTEXT, span);
  }

  get context(): SpanContext {
    return this.span.spanContext();
  }

  get traceId(): string {
    return this.context.traceId;
  }

  begin(name: string): TracedSpan {
    const { tracer, clock } = this.kit;
    return new TracedSpan(tracer.startSpan(name, { startTime: clock.now() }, this.below), this.kit);
  }

  enter(stage: Stage): void {
    if (this.hasEnded) return;
    const { tracer, clock } = this.kit;
    const startTime = clock.now();
    this.stage?.end(startTime);
    this.stage = tracer.startSpan(stage, { startTime }, this.below);
  }

  /** Points to another span from the stage that it is in. */
  link(context: SpanContext): void {
    this.stage?.addLink({ context });
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  end({ attributes = {}, error, at = performance.now() }: SpanEnd = {}): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const endTime = this.kit.clock.at(at);
    if (this.stage) endSpan(this.stage, { endTime, error });
    this.span.setAttributes(attributes);
    endSpan(this.span, { endTime, error });
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
