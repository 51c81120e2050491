import type { Reading } from '../metrics/reading';
import type { ExportCounts } from './export-queue';

const NOTHING: ExportCounts = { exported: 0, failed: 0, dropped: 0 };

/** What became of the spans; nothing where none are made. */
export function traceReadings(counts: ExportCounts = NOTHING): Reading[] {
  return [
    {
      name: 'predictql_trace_spans_total',
      help: 'Do traces reach the collector? Spans that were exported, failed to be, or were dropped for lack of room.',
      type: 'counter',
      labels: ['outcome'],
      read: () => Object.entries(counts).map(([outcome, value]) => ({ labels: { outcome }, value: value as number })),
    },
  ];
}
