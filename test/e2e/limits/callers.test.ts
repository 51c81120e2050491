import { ask, codesOf, dataOf, type Operation } from '../../support/graphql';
import { ANALYZE_SENTIMENT } from '../../support/operations';
import { startServer, type TestServer } from '../../support/server';
import { until } from '../../support/until';
import { openSocket } from '../../support/websocket';

const VIEWER: Operation<{ viewer: { limits: Record<string, number | null> } }> = {
  text: '{ viewer { limits { requestsPerSecond inferenceMsPerSecond concurrentRequests subscriptions } } }',
};
const WATCH: Operation<unknown> = { text: 'subscription { modelVersionChanged { cursor } }' };

let server: TestServer;
afterEach(async () => {
  await server.stop();
});

const start = async (settings: Readonly<Record<string, string>>): Promise<void> => {
  server = await startServer({ settings: { PREDICTQL_ENGINES: '1', ...settings } });
};

describe('with PREDICTQL_REQUESTS_PER_SECOND', () => {
  it('a client is refused beyond them over HTTP and WebSocket, told when to come back, and then answered', async () => {
    await start({ PREDICTQL_REQUESTS_PER_SECOND: '3' });
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server, VIEWER)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(3);
    for (const answer of refused) {
      expect(codesOf(answer)).toEqual(['RATE_LIMITED']);
      expect(Number(answer.headers.get('retry-after'))).toBe(1);
      expect(answer.headers.get('ratelimit-policy')).toBe('"requests";q=3;w=1');
      expect(answer.headers.get('ratelimit')).toMatch(/^"requests";r=\d;t=1$/);
    }
    const socket = await openSocket(server);
    const overSocket = await Promise.all(Array.from({ length: 12 }, () => socket.ask(VIEWER)));
    expect(overSocket.flatMap(codesOf)).toContain('RATE_LIMITED');
    expect(overSocket.filter(({ errors }) => errors.length === 0).length).toBeLessThanOrEqual(6);
    await until('it is answered again', async () => (await ask(server, VIEWER)).status === 200);
    await socket.close();
  });
});

describe('with PREDICTQL_INFERENCE_MS_PER_SECOND', () => {
  it('a client that had more computed than that waits until it is worked off', async () => {
    await start({ PREDICTQL_INFERENCE_MS_PER_SECOND: '1' });
    const input = { text: 'It goes on and on, and hardly anything happens in it. '.repeat(60) };
    expect((await ask(server, ANALYZE_SENTIMENT, { input })).errors).toEqual([]);
    const answer = await ask(server, ANALYZE_SENTIMENT, { input });
    expect({ codes: codesOf(answer), status: answer.status }).toEqual({ codes: ['RATE_LIMITED'], status: 429 });
    expect(answer.errors[0]!.extensions!.retryAfterMs).toBeGreaterThan(1);
  });
});

describe('with PREDICTQL_CONCURRENT_REQUESTS', () => {
  it('over WebSocket too one beyond them is refused, and taken once another is answered', async () => {
    await start({ PREDICTQL_CONCURRENT_REQUESTS: '1' });
    const socket = await openSocket(server);
    const text = 'It goes on and on, and hardly anything happens in it. '.repeat(60);
    const both = [socket.ask(ANALYZE_SENTIMENT, { input: { text } }), socket.ask(VIEWER)];
    expect((await Promise.all(both)).map(codesOf)).toEqual([[], ['RATE_LIMITED']]);
    for (let time = 0; time < 3; time++) expect(codesOf(await socket.ask(VIEWER))).toEqual([]);
    await socket.close();
  });
});

describe('with PREDICTQL_SUBSCRIPTIONS', () => {
  it('one too many is refused, over whatever connection, and taken once another has ended', async () => {
    await start({ PREDICTQL_SUBSCRIPTIONS: '2' });
    const [one, other] = [await openSocket(server), await openSocket(server)];
    const first = one.start(WATCH);
    one.start(WATCH);
    // What is asked on a connection is taken in order.
    await one.ask(VIEWER);
    expect(codesOf(await other.ask(WATCH))).toEqual(['TOO_MANY_SUBSCRIPTIONS']);
    first();
    await one.ask(VIEWER);
    // A refusal would come before the answer to what was asked next.
    expect(codesOf(await Promise.race([other.ask(WATCH), other.ask(VIEWER)]))).toEqual([]);
    expect(codesOf(await one.ask(WATCH))).toEqual(['TOO_MANY_SUBSCRIPTIONS']);
    await one.close();
    await other.close();
  });
});

describe('the limits that viewer tells', () => {
  it('are those of the settings, and a server without any limits only subscriptions', async () => {
    await start({});
    expect(dataOf(await ask(server, VIEWER)).viewer.limits).toEqual({
      requestsPerSecond: null,
      inferenceMsPerSecond: null,
      concurrentRequests: null,
      subscriptions: 10_000,
    });
  });
});

describe('every answer of the API', () => {
  it('carries the headers that keep browsers from doing more with it', async () => {
    await start({});
    for (const { headers } of [await ask(server, VIEWER), await ask(server, { text: '{' })]) {
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
      for (const name of ['server', 'x-powered-by']) expect(headers.get(name)).toBeNull();
    }
  });
});

describe('behind a proxy', () => {
  const statusesOf = (...forwarded: string[]): Promise<number[]> =>
    Promise.all(
      forwarded.map(
        async (addresses) => (await ask(server, VIEWER, {}, { headers: { 'x-forwarded-for': addresses } })).status,
      ),
    );

  it('with PREDICTQL_TRUST_PROXY each of its clients is counted, and none can claim to be another', async () => {
    await start({ PREDICTQL_REQUESTS_PER_SECOND: '1', PREDICTQL_TRUST_PROXY: '127.0.0.0/8, ::1' });
    const clients = Array.from({ length: 8 }, (_, index) => `198.51.100.${index + 1}`);
    expect(await statusesOf(...clients)).toEqual(clients.map(() => 200));
    // What a client wrote itself stands before its address.
    const claims = Array.from({ length: 8 }, (_, index) => `198.51.100.${index + 100}, 203.0.113.1`);
    expect(await statusesOf(...claims)).toContain(429);
  });

  it('without it, what X-Forwarded-For says counts for nothing', async () => {
    await start({ PREDICTQL_REQUESTS_PER_SECOND: '1' });
    const clients = Array.from({ length: 8 }, (_, index) => `198.51.100.${index + 1}`);
    expect(await statusesOf(...clients)).toContain(429);
  });
});
