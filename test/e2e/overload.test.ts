import { ask, codesOf, type Answer, type Operation } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import { ANALYZE_SENTIMENT, ANALYZE_SENTIMENT_LIST, SCORE_FRAUD } from '../support/operations';
import { enginesOf } from '../support/processes';
import { startObservedServer, type ObservedServer } from '../support/server';
import { until } from '../support/until';
import { openSocket } from '../support/websocket';

const MAX_QUEUE = 8;
/** Keeps the only engine process busy for long. */
const text = 'It goes on and on, and hardly anything happens in it. '.repeat(60);

let server: ObservedServer;
afterEach(async () => {
  await server.stop();
});

describe('when as many predictions are under way as may be', () => {
  beforeEach(async () => {
    server = await startObservedServer({
      settings: { PREDICTQL_ENGINES: '1', PREDICTQL_MAX_QUEUE: String(MAX_QUEUE) },
    });
  });

  it('refuses single requests with the time after which to try again, and answers the others', async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => ask(server, ANALYZE_SENTIMENT, { input: { text } })),
    );
    const refused = answers.filter(({ errors }) => errors.length > 0);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(MAX_QUEUE);
    for (const answer of refused) expectOverloaded(answer);
    expect((await server.facts()).admitted).toBe(0);
    expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  });

  it('refuses the items of a list like single requests', async () => {
    const inputs = Array.from({ length: 3 * MAX_QUEUE }, () => ({ text }));
    const { data, errors, status } = await ask(server, ANALYZE_SENTIMENT_LIST, { inputs });
    expect(status).toBe(200);
    expect(data!.sentimentList!.filter((answer) => answer !== null)).toHaveLength(MAX_QUEUE);
    expect(new Set(codesOf({ errors }))).toEqual(new Set(['OVERLOADED']));
    expect(errors).toHaveLength(2 * MAX_QUEUE);
  });
});

describe('when the wait would be longer than a request allows', () => {
  beforeEach(async () => {
    server = await startObservedServer({ settings: { PREDICTQL_ENGINES: '1' } });
  });

  it('refuses it at once, by the estimate of what waits before it', async () => {
    // What a text costs is known from then on.
    await ask(server, ANALYZE_SENTIMENT, { input: { text } });
    const start = await server.facts();
    const patient = { input: { text }, options: { timeoutMs: 60_000 } };
    // More than go into a batch, so that some wait however they arrive.
    const waiting = Array.from({ length: 80 }, () => ask(server, ANALYZE_SENTIMENT, patient));
    await until('all have arrived', async () => {
      return (await server.facts()).counters.enqueued === start.counters.enqueued + waiting.length;
    });
    const before = await server.facts();
    const answer = await ask(server, ANALYZE_SENTIMENT, { input: { text }, options: { timeoutMs: 20 } });
    const after = await server.facts();
    expectOverloaded(answer);
    expect(answer.errors[0]!.message).toMatch(
      /The wait is about \d+ ms, too long for the 20 that the request allows\./,
    );
    // It was never queued.
    expect(after.counters.enqueued).toBe(before.counters.enqueued);
    for (const each of waiting) expect((await each).errors).toEqual([]);
  });
});

describe('an operation that was answered before', () => {
  /** Without options, so that nothing but the document says what it asks for. */
  const KNOWN: Operation<{ readonly sentiment: { readonly label: string } | null }> = {
    text: 'query ($input: SentimentInput!) { sentiment(input: $input) { label } }',
  };
  beforeEach(async () => {
    server = await startObservedServer({
      settings: {
        PREDICTQL_ENGINES: '1',
        PREDICTQL_MAX_QUEUE: String(MAX_QUEUE),
        PREDICTQL_CONCURRENT_REQUESTS: String(MAX_QUEUE + 2),
      },
    });
  });

  it('is refused before its fields are looked at, and answered again afterwards', async () => {
    const socket = await openSocket(server);
    expect((await socket.ask(KNOWN, { input: { text } })).errors).toEqual([]);
    const [engine] = enginesOf(server.pid);
    process.kill(engine!.pid, 'SIGSTOP');
    const patient = { input: { text }, options: { timeoutMs: 60_000 } };
    const waiting = Array.from({ length: MAX_QUEUE }, () => ask(server, ANALYZE_SENTIMENT, patient));
    await until('all places are taken', async () => (await server.facts()).admitted === MAX_QUEUE);
    const early = await ask(server, KNOWN, { input: { text } });
    expectOverloaded(early);
    expect(early.errors[0]).not.toHaveProperty('path');
    // More often than the caller may have requests under way: none of these is.
    for (let times = 0; times < 2 * MAX_QUEUE; times++) {
      const [refusal] = (await socket.ask(KNOWN, { input: { text } })).errors;
      expect(refusal).toMatchObject({ extensions: { code: 'OVERLOADED' } });
      expect(refusal).not.toHaveProperty('path');
    }
    // One with options may allow more time, so it is looked at.
    const late = await ask(server, ANALYZE_SENTIMENT, { input: { text } });
    expectOverloaded(late);
    expect(late.errors[0]).toMatchObject({ path: ['sentiment'] });
    process.kill(engine!.pid, 'SIGCONT');
    for (const each of waiting) expect((await each).errors).toEqual([]);
    expect((await ask(server, KNOWN, { input: { text } })).errors).toEqual([]);
    expect((await socket.ask(KNOWN, { input: { text } })).errors).toEqual([]);
    await socket.close();
  });
});

function expectOverloaded(answer: Answer<unknown>): void {
  expect({ codes: codesOf(answer), status: answer.status }).toEqual({ codes: ['OVERLOADED'], status: 503 });
  const { retryAfterMs } = answer.errors[0]!.extensions!;
  expect(retryAfterMs).toBeGreaterThanOrEqual(100);
  expect(answer.headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs! / 1000)));
}
