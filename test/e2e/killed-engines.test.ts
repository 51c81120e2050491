import { ask, codesOf } from '../support/graphql';
import { createTransaction, pictureInput } from '../support/inputs';
import { ANALYZE_SENTIMENT, CLASSIFY_IMAGE, SCORE_FRAUD } from '../support/operations';
import { enginesOf } from '../support/processes';
import { startObservedServer, type ObservedServer } from '../support/server';
import { until } from '../support/until';

const KILLS = 20;
/** From one kill to the next: 20 fall within 30 s where the machine has nothing else to do. */
const PERIOD_MS = 1_450;
/** A machine that is busy with other things may take longer than usual; what is tested is that nothing is lost. */
const options = { timeoutMs: 30_000 };
const CONCURRENCY = 32;

let server: ObservedServer;
beforeAll(async () => {
  server = await startObservedServer({ settings: { PREDICTQL_ENGINES: '2' } });
});
afterAll(async () => {
  await server.stop();
});

describe('20 kill -9 within 30 s, each of an engine process that runs a batch', () => {
  it('fail no prediction, and leave as many engine processes as before', async () => {
    const enginesBefore = enginesOf(server.pid).length;
    const load = createLoad(server);
    const killed: number[] = [];
    while (killed.length < KILLS) {
      const [pid] = await Promise.all([server.killBusyEngine(), period()]);
      killed.push(pid);
    }
    const { answers, failures } = await load.stop();

    expect(failures).toEqual([]);
    expect(answers).toBeGreaterThan(KILLS);
    expect(new Set(killed).size).toBe(KILLS);
    await until('all engine processes are back', () => enginesOf(server.pid).length === enginesBefore);
    const { admitted, queueLength } = await server.facts();
    expect({ admitted, queueLength }).toEqual({ admitted: 0, queueLength: 0 });
  }, 180_000);
});

/** Spreads the kills, as a fault that comes back would; nothing is awaited by it. */
function period(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
}

/** All tasks at once, so many requests under way at any time, until it is stopped. */
function createLoad(target: ObservedServer) {
  const picture = pictureInput('grey.jpg');
  const requests = [
    () => ask(target, CLASSIFY_IMAGE, { input: picture, options }),
    () => ask(target, ANALYZE_SENTIMENT, { input: { text: 'The plot is thin, but I stayed to the end.' }, options }),
    () => ask(target, SCORE_FRAUD, { input: createTransaction(), options }),
  ];
  const failures: unknown[] = [];
  let answers = 0;
  let isOver = false;
  const worker = async (number: number): Promise<void> => {
    for (let turn = number; !isOver; turn++) {
      const answer = await requests[turn % requests.length]!();
      if (answer.errors.length > 0) failures.push({ codes: codesOf(answer), message: answer.errors[0]?.message });
      else answers++;
    }
  };
  const workers = Array.from({ length: CONCURRENCY }, (_, number) => worker(number));
  return {
    async stop() {
      isOver = true;
      await Promise.all(workers);
      return { answers, failures };
    },
  };
}
