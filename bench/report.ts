import { describeMachine } from './machine';
import type { Measurement } from './measurements';
import type { BenchOptions } from './options';
import type { Verdict } from './thresholds';

const HEADER = ['', '/s', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU ms', 'of it engines', 'rows per call'];

export interface Report {
  readonly measurements: readonly Measurement[];
  readonly verdicts: readonly Verdict[];
  readonly options: BenchOptions;
  readonly command: string;
}

/** The results as Markdown. */
export function renderReport({ measurements, verdicts, options, command }: Report): string {
  const { rounds, seconds, warmUpSeconds } = options;
  return [
    '# Benchmark results',
    '',
    `Written by \`${command}\`; [README.md](README.md) says what is measured and how.`,
    '',
    ...describeMachine().map((line) => `- ${line}`),
    `- Rounds: ${rounds}, interleaved, ${seconds} s each after ${warmUpSeconds} s of warm-up; figures are medians of rounds`,
    '',
    '## Thresholds',
    '',
    ...table(
      ['threshold', 'found', 'limit', ''],
      verdicts.map(({ what, found, limit, holds }) => [what, found, limit, holds ? 'holds' : '**missed**']),
    ),
    ...options.tasks.flatMap((task) => [
      '',
      `## ${task}`,
      ...options.concurrencies.flatMap((concurrency) => [
        '',
        `${concurrency} at once`,
        '',
        ...table(
          HEADER,
          measurements.filter((each) => each.task === task && each.concurrency === concurrency).map(rowOf),
        ),
      ]),
    ]),
    '',
  ].join('\n');
}

/** One measurement on one line, for whoever watches. */
export function describe(measurement: Measurement): string {
  const [, ...figures] = rowOf(measurement);
  const named = figures.map((figure, index) => `${HEADER[index + 1] ?? ''} ${figure}`);
  const { task, concurrency, variant } = measurement;
  return `${task} × ${concurrency}, ${variant}: ${named.join(', ')}`;
}

function rowOf(measurement: Measurement): string[] {
  const { variant, perSecond, p50Ms, p95Ms, p99Ms, cpuMs, engineCpuMs, rowsPerCall } = measurement;
  const milliseconds = [p50Ms, p95Ms, p99Ms, cpuMs, engineCpuMs].map((value) => value?.toFixed(2) ?? '');
  const rows = variant === 'constant' ? '' : rowsPerCall.toFixed(1);
  return [variant, perSecond.toFixed(perSecond < 100 ? 1 : 0), ...milliseconds, rows];
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
