import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger';

/** Spans that wait for the collector, those under way included: about 10 MB where none answers. */
const MAX_WAITING = 4_096;
const MAX_IN_EXPORT = 512;
const EXPORT_INTERVAL_MS = 1_000;
/** Beyond what an export may take, so that each comes to its end by itself. */
const GRACE_MS = 5_000;

export interface ExportQueueOptions {
  readonly exporter: SpanExporter;
  /** Milliseconds that an export of it may take. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

/** What became of the spans since the start. */
export interface ExportCounts {
  readonly exported: number;
  /** The collector did not take them. */
  readonly failed: number;
  /** There was no room to wait for the collector. */
  readonly dropped: number;
}

/**
 * Spans on their way to the collector, a bounded number of them, sent in batches. A collector that does not answer
 * costs spans and nothing else: they are counted, and one line is logged when exports begin to fail and one when they
 * succeed again.
 */
export class ExportQueue implements SpanProcessor {
  readonly counts = { exported: 0, failed: 0, dropped: 0 };
  private readonly batches: BatchSpanProcessor;
  private waiting = 0;
  private isFailing = false;

  private readonly log: Logger;

  constructor({ exporter, timeoutMs, log }: ExportQueueOptions) {
    this.log = log;
    this.batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, done) =>
          exporter.export(spans, (result) => {
            this.onExported(spans.length, result);
            done(result);
          }),
        shutdown: () => exporter.shutdown(),
      },
      maxQueueSize: MAX_WAITING,
      maxExportBatchSize: MAX_IN_EXPORT,
      scheduledDelayMillis: EXPORT_INTERVAL_MS,
      exportTimeoutMillis: timeoutMs + GRACE_MS,
    });
  }

  onStart(_span: Span): void {
    // Nothing is known of it yet.
  }

  onEnd(span: ReadableSpan): void {
    // The processor's own bound leaves out what is under way, and does not tell what it drops.
    if (this.waiting >= MAX_WAITING) {
      this.counts.dropped++;
      return;
    }
    this.waiting++;
    this.batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.batches.forceFlush();
  }

  /** Sends what waits; what ends later is not sent. */
  shutdown(): Promise<void> {
    return this.batches.shutdown();
  }

  private onExported(spans: number, { code, error }: ExportResult): void {
    this.waiting -= spans;
    const hasFailed = code === ExportResultCode.FAILED;
    this.counts[hasFailed ? 'failed' : 'exported'] += spans;
    if (hasFailed === this.isFailing) return;
    this.isFailing = hasFailed;
    if (hasFailed) this.log.warn({ reason: error?.message }, 'traces cannot be exported');
    else this.log.info({ ...this.counts }, 'traces are exported again');
  }
}
