import { PredictionLog, type PredictionWriter } from '../../../src/observability/prediction-log/prediction-log';
import type { LoggedPrediction } from '../../../src/observability/prediction-log/prediction-row';
import type { PredictionFact } from '../../../src/observability/observer';
import { createDeferred, endOfTurn } from '../../support/deferred';
import { silentLog } from '../../support/silent-log';

const TIMES = { totalMs: 1, preprocessMs: 0, queueMs: 0, inferenceMs: 1, postprocessMs: 0, batchSize: 1 };
/** More than may wait for a slow disk, by rows and by bytes. */
const MANY_ROWS = 12_000;

function fact(number: number, input: unknown = number): PredictionFact {
  return {
    id: number.toString(16).padStart(8, '0'),
    requestId: 'r',
    task: 'sentiment',
    version: undefined,
    role: undefined,
    outcome: 'answered',
    startedAt: 0,
    times: TIMES,
    input,
    result: { label: 'POSITIVE' },
    span: undefined,
  };
}

/** A disk that takes nothing before it is told to. */
function createLog() {
  const room = createDeferred();
  const written: LoggedPrediction[] = [];
  const writer: PredictionWriter = {
    async write(batch) {
      await room.promise;
      written.push(...batch);
    },
    size: () => 0,
    close: () => Promise.resolve(),
  };
  const log = new PredictionLog({ writer, log: silentLog, share: 1, keepsInput: true, tasks: new Map() });
  const counts = async (): Promise<Record<string, number>> => {
    const [rows] = PredictionLog.readings(log);
    return Object.fromEntries([...(await rows!.read())].map(({ labels, value }) => [labels['result'], value]));
  };
  return { log, room, written, counts };
}

it('drops and counts what comes while too many wait for a slow disk, and writes all the others in their order', async () => {
  const { log, room, written, counts } = createLog();
  for (let number = 0; number < MANY_ROWS; number++) log.observer.onPrediction(fact(number));
  await endOfTurn();
  const { dropped } = await counts();
  // Those being written have left their place to others.
  expect(MANY_ROWS - dropped!).toBeGreaterThanOrEqual(10_000);
  expect(MANY_ROWS - dropped!).toBeLessThanOrEqual(10_500);
  room.resolve();
  await log.close();
  expect(await counts()).toEqual({ written: MANY_ROWS - dropped!, failed: 0, dropped });
  expect(written.map(({ input }) => input)).toEqual(written.map((_, number) => String(number)));
});

it('keeps no more than some megabytes of large inputs meanwhile', async () => {
  const { log, room, written, counts } = createLog();
  const large = 'x'.repeat(2 ** 20);
  for (let number = 0; number < 64; number++) log.observer.onPrediction(fact(number, large));
  const { dropped } = await counts();
  room.resolve();
  await log.close();
  expect(written).toHaveLength(64 - dropped!);
  expect(written.length).toBeLessThanOrEqual(34);
});
