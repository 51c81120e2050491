import {
  createPredictQLClient,
  PredictQLError,
  SentimentDocument,
  SentimentsDocument,
  type ClientOptions,
} from '../../../src/client';
import { createFakeFetch, silentFetch, type FakeAnswer } from './fake-fetch';

const url = 'http://predictql.test/graphql';
const text = 'Good.';
const good: FakeAnswer = { json: { data: { sentiment: { label: 'POSITIVE' } } } };

function refused(code: string, retryAfterMs?: number): FakeAnswer {
  const error = { message: 'Not now.', extensions: { code, ...(retryAfterMs !== undefined && { retryAfterMs }) } };
  return { status: 503, json: { data: { sentiment: null }, errors: [error] } };
}

function setUp(answers: readonly FakeAnswer[], options: Partial<ClientOptions> = {}) {
  const { fetch, sent } = createFakeFetch(answers);
  return { client: createPredictQLClient({ url, fetch, ...options }), sent };
}

async function errorOf(promise: Promise<unknown>): Promise<PredictQLError> {
  const outcome = await promise.then(
    () => 'answered',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(PredictQLError);
  return outcome as PredictQLError;
}

describe('request', () => {
  it('sends the operation with its variables and gives back the data', async () => {
    const { client, sent } = setUp([good]);
    await expect(client.request(SentimentDocument, { text })).resolves.toEqual({ sentiment: { label: 'POSITIVE' } });
    expect(sent[0]?.url).toBe(url);
    expect(JSON.parse(sent[0]?.body as string)).toEqual({ query: SentimentDocument.toString(), variables: { text } });
  });

  it('sends the key as a bearer token, and asks for other headers each time', async () => {
    let turn = 0;
    const { client, sent } = setUp([good, good], { apiKey: 'secret', headers: () => ({ 'x-turn': String(++turn) }) });
    await client.request(SentimentDocument, { text });
    await client.request(SentimentDocument, { text });
    expect(sent.map(({ headers }) => headers)).toMatchObject([
      { authorization: 'Bearer secret', 'x-turn': '1' },
      { authorization: 'Bearer secret', 'x-turn': '2' },
    ]);
  });

  it('throws what the server says of a failure, with everything a program needs', async () => {
    const fields = [{ path: 'input.text', message: 'Expected a text that is not blank.' }];
    const extensions = { code: 'BAD_USER_INPUT', fields, requestId: 'r-1' };
    const { client } = setUp([{ json: { data: { sentiment: null }, errors: [{ message: 'No.', extensions }] } }]);
    expect(await errorOf(client.request(SentimentDocument, { text }))).toMatchObject({
      message: 'No.',
      code: 'BAD_USER_INPUT',
      fields,
      requestId: 'r-1',
      retryAfterMs: undefined,
      status: 200,
      data: { sentiment: null },
    });
  });

  it('throws for a part that failed too, with what was answered beside it', async () => {
    const data = { sentimentList: [{ label: 'POSITIVE' }, null, null] };
    const errors = [1, 2].map((item) => ({ message: `No ${item}.`, path: ['sentimentList', item] }));
    const { client } = setUp([{ json: { data, errors } }]);
    const error = await errorOf(client.request(SentimentsDocument, { texts: [] }));
    expect(error).toMatchObject({ message: 'No 1. (and 1 more)', data, errors });
  });

  it.each([
    ['a page that is no JSON', { text: '<html>Bad gateway</html>' }, 'BAD_RESPONSE', 502],
    ['JSON that is no GraphQL', { json: { hello: 1 }, status: 404 }, 'BAD_RESPONSE', 404],
    ['no connection', new TypeError('fetch failed'), 'NETWORK_ERROR', undefined],
  ] as const)('tells %s from an answer', async (_what, answer, code, status) => {
    const { client } = setUp([answer]);
    expect(await errorOf(client.request(SentimentDocument, { text }))).toMatchObject({ code, status });
  });

  it('gives up after timeoutMs', async () => {
    const client = createPredictQLClient({ url, fetch: silentFetch, timeoutMs: 5 });
    expect(await errorOf(client.request(SentimentDocument, { text }))).toMatchObject({ code: 'CLIENT_TIMEOUT' });
  });

  it("throws the signal's reason when it is aborted", async () => {
    const client = createPredictQLClient({ url, fetch: silentFetch, timeoutMs: 60_000 });
    const controller = new AbortController();
    const answer = client.request(SentimentDocument, { text }, { signal: controller.signal });
    const reason = new Error('The user went on.');
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });
});

describe('settle', () => {
  it('gives back the errors of fields beside the data', async () => {
    const data = { sentimentList: [{ label: 'POSITIVE' }, null] };
    const errors = [{ message: 'No.', path: ['sentimentList', 1] }];
    const { client } = setUp([{ json: { data, errors } }]);
    await expect(client.settle(SentimentsDocument, { texts: [] })).resolves.toEqual({ data, errors });
  });

  it('throws where nothing was answered', async () => {
    const { client } = setUp([refused('OVERLOADED', 100)]);
    expect(await errorOf(client.settle(SentimentDocument, { text }))).toMatchObject({ code: 'OVERLOADED' });
  });
});

describe('retry', () => {
  it('is off unless asked for', async () => {
    const { client, sent } = setUp([refused('OVERLOADED', 1), good]);
    expect(await errorOf(client.request(SentimentDocument, { text }))).toMatchObject({ retryAfterMs: 1 });
    expect(sent).toHaveLength(1);
  });

  it.each(['OVERLOADED', 'RATE_LIMITED'])('sends again what was refused as %s', async (code) => {
    const { client, sent } = setUp([refused(code, 1), refused(code, 1), good], { retry: { attempts: 2 } });
    await expect(client.request(SentimentDocument, { text })).resolves.toEqual({ sentiment: { label: 'POSITIVE' } });
    expect(sent).toHaveLength(3);
  });

  it('gives up after so many attempts', async () => {
    const { client, sent } = setUp([refused('OVERLOADED', 1), refused('OVERLOADED', 1)], { retry: { attempts: 1 } });
    expect(await errorOf(client.request(SentimentDocument, { text }))).toMatchObject({ code: 'OVERLOADED' });
    expect(sent).toHaveLength(2);
  });

  it.each(['BAD_USER_INPUT', 'INTERNAL_SERVER_ERROR', 'DEADLINE_EXCEEDED'])('does not repeat %s', async (code) => {
    const { client, sent } = setUp([refused(code, 1), good], { retry: { attempts: 3 } });
    expect(await errorOf(client.request(SentimentDocument, { text }))).toMatchObject({ code });
    expect(sent).toHaveLength(1);
  });

  it('does not repeat a request of which a part was answered', async () => {
    const errors = [{ message: 'Not now.', extensions: { code: 'OVERLOADED', retryAfterMs: 1 } }];
    const { client, sent } = setUp([{ json: { data: { sentimentList: [null] }, errors } }, good], {
      retry: { attempts: 3 },
    });
    await errorOf(client.request(SentimentsDocument, { texts: [] }));
    expect(sent).toHaveLength(1);
  });

  it('waits no less than the server asked for', async () => {
    jest.useFakeTimers();
    try {
      const { client, sent } = setUp([refused('OVERLOADED', 3_000), good], { retry: { attempts: 1 } });
      const answer = client.request(SentimentDocument, { text });
      await jest.advanceTimersByTimeAsync(2_999);
      expect(sent).toHaveLength(1);
      await jest.advanceTimersByTimeAsync(3_000 * 0.25 + 1);
      await expect(answer).resolves.toBeDefined();
    } finally {
      jest.useRealTimers();
    }
  });

  it('ends with the signal while it waits', async () => {
    const { client } = setUp([refused('OVERLOADED', 60_000), good], { retry: { attempts: 1 } });
    const controller = new AbortController();
    const answer = client.request(SentimentDocument, { text }, { signal: controller.signal });
    setImmediate(() => controller.abort(new Error('The user went on.')));
    await expect(answer).rejects.toThrow('The user went on.');
  });

  it('counts its waits into timeoutMs', async () => {
    const { client } = setUp([refused('OVERLOADED', 60_000), good], { retry: { attempts: 1 }, timeoutMs: 20 });
    expect(await errorOf(client.request(SentimentDocument, { text }))).toMatchObject({ code: 'CLIENT_TIMEOUT' });
  });
});
