import { once } from 'node:events';
import { connect } from 'node:net';
import WebSocket from 'ws';
import { ask, codesOf, graphqlUrl } from '../../support/graphql';
import { ANALYZE_SENTIMENT } from '../../support/operations';
import { enginesOf, isAlive } from '../../support/processes';
import { startObservedServer, type ObservedServer } from '../../support/server';
import { until } from '../../support/until';
import { openSocket } from '../../support/websocket';

/** Takes an engine process a while. */
const input = { text: 'It goes on and on, and hardly anything happens in it. '.repeat(20) };
const WATCH = { text: 'subscription { modelVersionChanged { cursor } }' };
/** Far longer than a wait here, so that a slow machine refuses nothing for its wait. */
const options = { timeoutMs: 60_000 };

let server: ObservedServer;
beforeEach(async () => {
  server = await startObservedServer({ settings: { PREDICTQL_ENGINES: '1' } });
});
afterEach(async () => {
  await server.stop();
});

describe('SIGTERM under load', () => {
  it('answers what was accepted over HTTP and WebSocket, closes subscribers with a reason, and ends with 0 within 10 s', async () => {
    const [busy, subscriber] = [await openSocket(server), await openSocket(server)];
    subscriber.start(WATCH);
    const ACCEPTED = 16;
    const overHttp = Array.from({ length: ACCEPTED / 2 }, () => ask(server, ANALYZE_SENTIMENT, { input, options }));
    const overSocket = Array.from({ length: ACCEPTED / 2 }, () => busy.ask(ANALYZE_SENTIMENT, { input, options }));
    await until('all are accepted', async () => (await server.facts()).counters.enqueued === ACCEPTED);
    const signalledAt = performance.now();
    server.kill('SIGTERM');
    const late = Array.from({ length: 32 }, () =>
      ask(server, ANALYZE_SENTIMENT, { input, options }).catch(() => undefined),
    );
    for (const answer of await Promise.all([...overHttp, ...overSocket])) expect(answer.errors).toEqual([]);
    // What came after the signal is refused or answered, and never by a failure of the server.
    for (const answer of await Promise.all(late))
      if (answer) expect(['OVERLOADED', undefined]).toContain(codesOf(answer)[0]);
    expect(await subscriber.ended).toEqual({ code: 1001, reason: expect.stringMatching(/\w/) as string });
    expect(await server.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalledAt).toBeLessThan(10_000);
    // By itself: connections that their clients keep open would hold it up until everything left is cut off.
    expect(server.log().map(({ msg }) => msg)).not.toContain('requests cut off');
  });
});

describe('SIGTERM while a client of a WebSocket does not listen', () => {
  it('does not wait for it', async () => {
    const deaf = new WebSocket(graphqlUrl(server).replace('http:', 'ws:'), 'graphql-transport-ws');
    await once(deaf, 'open');
    deaf.send(JSON.stringify({ type: 'connection_init' }));
    await once(deaf, 'message');
    deaf.pause();
    const signalledAt = performance.now();
    server.kill('SIGTERM');
    expect(await server.exit).toEqual({ code: 0, signal: null });
    // It takes a good second; `ws` alone would wait for half a minute.
    expect(performance.now() - signalledAt).toBeLessThan(7_000);
    expect(server.log().map(({ msg }) => msg)).not.toContain('requests cut off');
    deaf.terminate();
  });
});

describe('SIGTERM while a request is still being sent', () => {
  it('cuts it off after 8 s, and ends with 0 all the same', async () => {
    const { hostname, port } = new URL(server.origin);
    const socket = connect(Number(port), hostname).resume();
    socket.on('error', () => undefined);
    socket.write(`POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`);
    socket.write(`content-length: 10000000\r\n\r\n`);
    // Fast enough not to be refused before, and far from done by then.
    const timer = setInterval(() => socket.write(' '.repeat(2_000)), 200);
    const closed = once(socket, 'close');
    // What is asked on another connection afterwards is taken in afterwards.
    await ask(server, ANALYZE_SENTIMENT, { input, options });
    server.kill('SIGTERM');
    await closed;
    clearInterval(timer);
    expect(await server.exit).toEqual({ code: 0, signal: null });
    expect(server.log().map(({ msg }) => msg)).toContain('requests cut off');
  }, 30_000);
});

describe('a second signal', () => {
  it('ends the server at once, whatever is under way, and its engine processes with it', async () => {
    const engines = enginesOf(server.pid).map(({ pid }) => pid);
    const answers = Array.from({ length: 64 }, () =>
      ask(server, ANALYZE_SENTIMENT, { input, options }).catch(() => undefined),
    );
    await until('all are accepted', async () => (await server.facts()).counters.enqueued === answers.length);
    server.kill('SIGTERM');
    server.kill('SIGINT');
    expect(await server.exit).toEqual({ code: 1, signal: null });
    const cut = (await Promise.all(answers)).filter((answer) => answer === undefined);
    expect(cut.length).toBeGreaterThan(0);
    await until('no engine process is left', () => !engines.some(isAlive));
  });
});
