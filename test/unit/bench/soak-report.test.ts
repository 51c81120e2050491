import { judgeSoak, type SoakSample } from '../../../bench/soak-report';
import { fitLine } from '../../../bench/statistics';

const SAMPLES_A_MINUTE = 6;

/** An hour of samples, each of them changed. */
function anHour(change: (minute: number) => Partial<SoakSample> = () => ({}), minutes = 60): SoakSample[] {
  return Array.from({ length: minutes * SAMPLES_A_MINUTE }, (_, index) => {
    // A little late, as timers are.
    const minute = (index + 1) / SAMPLES_A_MINUTE + 0.001;
    const latencies = { classifyImage: [20, 30], sentiment: [10, 11], fraudScore: [5, 6] };
    const memory = { serverMb: 300, enginesMb: 200, heapMb: 80 };
    return { minute, ...memory, loopP99Ms: 5, latencies, failed: {}, behindMs: 1, ...change(minute) };
  });
}

function missedOf(samples: readonly SoakSample[]): string[] {
  return judgeSoak(samples)
    .verdicts.filter(({ holds }) => !holds)
    .map(({ what, found }) => `${what.replace(/ \(.*/, '')}: ${found}`);
}

describe('judgeSoak', () => {
  it('holds where memory stays and the end is as fast as the beginning', () => {
    expect(missedOf(anHour())).toEqual([]);
  });

  it('lets memory grow as it likes in the first ten minutes, and tells what it grows by after them', () => {
    const leak = (minute: number) => ({ serverMb: 300 + 0.4 * Math.max(0, minute - 10) });
    expect(missedOf(anHour((minute) => ({ enginesMb: 50 + 15 * Math.min(10, minute) })))).toEqual([]);
    expect(missedOf(anHour(leak))).toEqual(['Memory of the server: growth once settled: 6.6 %']);
    expect(judgeSoak(anHour(leak)).lines.join('\n')).toContain('| server | 300.1 | 320.0 | 24.00 | 6.6 % |');
  });

  it('holds the last ten minutes against the first, task by task', () => {
    const slower = (minute: number) =>
      minute > 50 ? { latencies: { classifyImage: [20, 37], sentiment: [10, 13], fraudScore: [5, 6] } } : {};
    expect(missedOf(anHour(slower))).toEqual(['classifyImage: p99 at last: 37.00 ms']);
    expect(missedOf(anHour((minute) => (minute < 49 ? slower(55) : {})))).toEqual([]);
  });

  it('adds failures up by code', () => {
    const failing = (minute: number): Partial<SoakSample> => ({
      failed: minute > 59.05 ? { OVERLOADED: 2, CONNECTION_LOST: 1 } : {},
    });
    expect(missedOf(anHour(failing))).toEqual([
      'Requests that were not answered with a prediction: OVERLOADED 12, CONNECTION_LOST 6',
    ]);
  });

  it('makes do with a run of a minute, and with one that ended before it began', () => {
    expect(missedOf(anHour(undefined, 1))).toEqual([]);
    expect(missedOf([])).not.toEqual([]);
  });
});

describe('fitLine', () => {
  it('takes the line that all points lie nearest to', () => {
    const line = fitLine([
      [0, 1],
      [1, 2],
      [2, 6],
    ]);
    expect(line.slope).toBeCloseTo(2.5);
    expect(line.at(0)).toBeCloseTo(0.5);
  });
});
