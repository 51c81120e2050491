import { ROOT_CONTEXT, SpanKind, type TextMapGetter, type Tracer } from '@opentelemetry/api';
import { TRACE_PARENT_HEADER, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Logger } from '../logger';
import type { Observer, TraceCarrier } from '../observer';
import { attributesOfPrediction, attributesOfRequest, nameOfRequest } from './attributes';
import { EndedSpans } from './ended-spans';
import { ExportQueue, type ExportCounts } from './export-queue';
import type { TracingSettings } from './settings';
import { traceBatch } from './traced-batch';
import { TracedSpan, type SpanKit } from './traced-span';
import { WallClock } from './wall-clock';

/** Above what a batch may hold. */
const MAX_LINKS = 2_048;

export interface Tracing {
  readonly observer: Pick<Observer, 'begin' | 'onPrediction' | 'onBatch' | 'onRequest'>;
  readonly counts: ExportCounts;
  /** Resolves once all that was told is sent, or the collector did not take it; which is counted and logged. */
  close(): Promise<void>;
}

export interface TracingOptions {
  readonly settings: TracingSettings;
  /** Of PredictQL. */
  readonly version: string;
  readonly log: Logger;
}

/** Tells an OpenTelemetry collector of requests. This file, and with it all of OpenTelemetry, is loaded only if asked for. */
export function createTracing({ settings, version, log }: TracingOptions): Tracing {
  const { url, headers, timeoutMs } = settings;
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs });
  const queue = new ExportQueue({ exporter, timeoutMs, log });
  const ended = new EndedSpans();
  const resource = resourceFromAttributes({ [ATTR_SERVICE_VERSION]: version, ...settings.resource });
  const createTracer = (sampler: Sampler): Tracer =>
    new TracerProvider({
      resource,
      sampler,
      spanProcessors: [queue],
      spanLimits: { linkCountLimit: MAX_LINKS },
    }).getTracer('predictql', version);
  return {
    // Once a request is traced, all of it is, and the batches it shared with others.
    observer: createSpanObserver({
      entrance: createTracer(samplerOf(settings)),
      tracer: createTracer(new AlwaysOnSampler()),
      rootShare: rootShareOf(settings),
      ended,
    }),
    counts: queue.counts,
    close() {
      ended.write();
      return queue.shutdown().catch(() => undefined);
    },
  };
}

interface SpanObserverOptions {
  /** Decides whether a request is traced that comes with a trace. */
  readonly entrance: Tracer;
  /** Traces whatever it is told to. */
  readonly tracer: Tracer;
  /** Of the requests that come without a trace, the share that is traced. */
  readonly rootShare: number;
  readonly ended: EndedSpans;
}

function createSpanObserver({ entrance, tracer, rootShare, ended }: SpanObserverOptions): Tracing['observer'] {
  const clock = new WallClock();
  const kit: SpanKit = { tracer, clock, ended };
  const propagator = new W3CTraceContextPropagator();
  return {
    begin(transport, carrier) {
      const hasParent = carrier[TRACE_PARENT_HEADER] !== undefined;
      // Nearly all requests end here, before ids are made for a span that nobody will see.
      if (!hasParent && Math.random() >= rootShare) return undefined;
      const parent = propagator.extract(ROOT_CONTEXT, carrier, TEXTS);
      const options = { kind: SpanKind.SERVER, startTime: clock.now() };
      const span = (hasParent ? entrance : tracer).startSpan(transport, options, parent);
      if (!span.isRecording()) return undefined;
      clock.follow();
      return new TracedSpan(() => span, kit);
    },

    onPrediction(fact) {
      if (!(fact.span instanceof TracedSpan)) return;
      const hasFailed = fact.outcome !== 'answered' && fact.outcome !== 'left';
      fact.span.end({
        attributes: attributesOfPrediction(fact),
        error: hasFailed ? fact.outcome : undefined,
        at: fact.startedAt + fact.times.totalMs,
      });
    },

    onBatch(fact) {
      if (fact.spans.length > 0) traceBatch(fact, kit);
    },

    onRequest(fact) {
      if (!(fact.span instanceof TracedSpan)) return;
      fact.span.end({
        name: nameOfRequest(fact),
        attributes: attributesOfRequest(fact),
        error: fact.errors[0]?.code,
        at: fact.endedAt,
      });
    },
  };
}

function rootShareOf({ sampler, ratio }: TracingSettings): number {
  if (sampler.endsWith('always_on')) return 1;
  return sampler.endsWith('always_off') ? 0 : ratio;
}

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}

/** What clients send over WebSocket may be anything. */
const TEXTS: TextMapGetter<TraceCarrier> = {
  keys: (carrier) => Object.keys(carrier),
  get: (carrier, key) => {
    const value = carrier[key];
    return typeof value === 'string' ? value : undefined;
  },
};
