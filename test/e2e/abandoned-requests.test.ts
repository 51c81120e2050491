import { ask } from '../support/graphql';
import { createTransaction, pictureInput } from '../support/inputs';
import { ANALYZE_SENTIMENT, CLASSIFY_IMAGE, SCORE_FRAUD } from '../support/operations';
import { createRandom } from '../support/random';
import { startObservedServer, type ObservedServer } from '../support/server';
import { until } from '../support/until';

const REQUESTS = 1_000;
/** Clients at the same time: far more than two engines keep up with, so that most leave from the queue. */
const CLIENTS = 100;
/** A client leaves within so many milliseconds: from before its request has arrived to after its answer. */
const LONGEST_STAY_MS = 400;

let server: ObservedServer;
beforeAll(async () => {
  server = await startObservedServer();
});
afterAll(async () => {
  await server.stop();
});

it('computes none of 1,000 requests abandoned at random moments that had not been dispatched', async () => {
  const random = createRandom(4711);
  const picture = pictureInput('grey.jpg');
  const requests = [
    (signal: AbortSignal) => ask(server, CLASSIFY_IMAGE, { input: picture }, { signal }),
    (signal: AbortSignal) => ask(server, ANALYZE_SENTIMENT, { input: { text: 'Not bad at all.' } }, { signal }),
    (signal: AbortSignal) => ask(server, SCORE_FRAUD, { input: createTransaction() }, { signal }),
  ];
  let next = 0;
  let left = 0;
  const client = async (): Promise<void> => {
    for (let number = next++; number < REQUESTS; number = next++) {
      const departure = new AbortController();
      const timer = setTimeout(() => departure.abort(), random() * LONGEST_STAY_MS);
      try {
        const { errors } = await requests[number % requests.length]!(departure.signal);
        expect(errors).toEqual([]);
      } catch (error) {
        expect((error as Error).name).toBe('AbortError');
        left++;
      } finally {
        clearTimeout(timer);
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  // Every ticket ends in exactly one way; what is still on its way to the server only comes on top.
  let facts = await server.facts();
  await until('every ticket has ended and every place is free', async () => {
    facts = await server.facts();
    const { enqueued, answered, failed, abandoned, left: leftRunning } = facts.counters;
    return facts.admitted === 0 && enqueued === answered + failed + abandoned + leftRunning;
  });

  const { counters, queueLength } = facts;
  expect(counters.failed).toBe(0);
  expect(queueLength).toBe(0);
  // What left the queue was never computed, and nothing was computed twice.
  expect(counters.computedRows).toBe(counters.enqueued - counters.abandoned);
  // The moments were random enough to meet every station.
  expect(left).toBeGreaterThan(REQUESTS / 4);
  expect(counters.abandoned).toBeGreaterThan(0);
  expect(counters.answered).toBeGreaterThan(0);
}, 120_000);

it('answers at once afterwards', async () => {
  const { errors } = await ask(server, SCORE_FRAUD, { input: createTransaction() });
  expect(errors).toEqual([]);
});
