import type { Measurement, Variant } from './measurements';
import { TASKS, type TaskField } from './payloads';

/** A promise about speed, and how it came out. */
export interface Verdict {
  readonly what: string;
  readonly found: string;
  readonly limit: string;
  readonly holds: boolean;
}

/** The verdicts that the measurements allow: a part of the benchmark allows a part of them. */
export function checkThresholds(measurements: readonly Measurement[]): Verdict[] {
  const find = (task: TaskField, variant: Variant, concurrency: number): Measurement | undefined =>
    measurements.find((each) => each.task === task && each.variant === variant && each.concurrency === concurrency);
  const threeOf = (task: TaskField, concurrency: number): Three | undefined => {
    const [server, constant, bare] = (['server', 'constant', 'bare'] as const).map((variant) =>
      find(task, variant, concurrency),
    );
    return server && constant && bare ? { server, constant, bare } : undefined;
  };
  const fraud = threeOf('fraudScore', 32);
  const shared = find('fraudScore', 'server', 64);
  return [
    ...(['classifyImage', 'sentiment'] as const).flatMap((task) => {
      const three = threeOf(task, 32);
      return three ? [checkLoaded(task, three)] : [];
    }),
    ...(fraud ? [checkThroughput(fraud)] : []),
    ...TASKS.flatMap((task) => {
      const three = threeOf(task, 1);
      return three ? [checkAlone(task, three)] : [];
    }),
    ...(shared ? [checkSharing(shared)] : []),
  ];
}

interface Three {
  readonly server: Measurement;
  readonly constant: Measurement;
  readonly bare: Measurement;
}

/** All cores together: what the server adds to inference and to answering at all. */
function checkLoaded(task: TaskField, { server, constant, bare }: Three): Verdict {
  const limit = 1.15 * (msOf(bare) + msOf(constant));
  return {
    what: `${task}, 32 at once: time per prediction at most 1.15 × (bare + constant)`,
    found: ms(msOf(server)),
    limit: `1.15 × (${ms(msOf(bare))} + ${ms(msOf(constant))}) = ${ms(limit)}`,
    holds: msOf(server) <= limit,
  };
}

function checkThroughput({ server, constant }: Three): Verdict {
  const limit = 0.85 * constant.perSecond;
  return {
    what: 'fraudScore, 32 at once: throughput at least 0.85 × constant',
    found: `${server.perSecond.toFixed(0)}/s`,
    limit: `0.85 × ${constant.perSecond.toFixed(0)}/s = ${limit.toFixed(0)}/s`,
    holds: server.perSecond >= limit,
  };
}

function checkAlone(task: TaskField, { server, constant, bare }: Three): Verdict {
  const limit = bare.p50Ms + constant.p50Ms + 1;
  return {
    what: `${task}, alone: p50 at most bare + constant + 1 ms`,
    found: ms(server.p50Ms),
    limit: `${ms(bare.p50Ms)} + ${ms(constant.p50Ms)} + 1 ms = ${ms(limit)}`,
    holds: server.p50Ms <= limit,
  };
}

function checkSharing({ rowsPerCall }: Measurement): Verdict {
  return {
    what: 'fraudScore, 64 at once: rows per inference call',
    found: rowsPerCall.toFixed(1),
    limit: 'at least 10',
    holds: rowsPerCall >= 10,
  };
}

/** Time per prediction with everything busy. */
function msOf({ perSecond }: Measurement): number {
  return 1_000 / perSecond;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}
