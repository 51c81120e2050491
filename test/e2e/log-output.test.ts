import { closeSync, existsSync, openSync } from 'node:fs';
import { ask, dataOf } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import { ANALYZE_SENTIMENT, SCORE_FRAUD } from '../support/operations';
import { startObservedServer, startServer, type ServerOptions, type TestServer } from '../support/server';
import { until } from '../support/until';

const REQUESTS = 60;
const CUT_OFF = 'cut-off';
const settings = { PREDICTQL_ENGINES: '1', PREDICTQL_LOG_LEVEL: 'info', PREDICTQL_LOG_FORMAT: 'json' };

const toStop: TestServer[] = [];
afterEach(async () => {
  await Promise.all(toStop.splice(0).map((server) => server.stop()));
});

async function start(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer({ ...options, settings });
  toStop.push(server);
  return server;
}

async function askMuch(server: TestServer, requests = REQUESTS): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: requests }, () => ask(server, SCORE_FRAUD, { input: createTransaction() })),
  );
  answers.forEach(dataOf);
}

/** Lines of requests, slow ones too, that came without an id of their own. */
function requestsIn(server: TestServer): number {
  return server.log().filter(({ msg, requestId }) => /request$/.test(msg) && requestId !== CUT_OFF).length;
}

describe('the log of a server that ends', () => {
  it('by SIGTERM has a line for each request', async () => {
    const server = await start();
    await askMuch(server);
    server.kill('SIGTERM');
    expect(await server.exit).toEqual({ code: 0, signal: null });
    expect(requestsIn(server)).toBe(REQUESTS);
  });

  it('by a second signal has all lines up to it', async () => {
    const server = await startObservedServer({ settings });
    toStop.push(server);
    await askMuch(server);
    // A stop waits for what is under way, so that a second signal comes before it is done.
    const LONG = 40;
    const long = {
      input: { text: 'It goes on and on, and hardly anything happens in it. '.repeat(60) },
      options: { timeoutMs: 60_000 },
    };
    const headers = { 'x-request-id': CUT_OFF };
    const cutOff = Promise.allSettled(
      Array.from({ length: LONG }, () => ask(server, ANALYZE_SENTIMENT, long, { headers })),
    );
    await until('they are under way', async () => (await server.facts()).counters.enqueued === REQUESTS + LONG);
    server.kill('SIGTERM');
    await until('it is stopping', async () => !(await fetch(`${server.origin}/readyz`).catch(() => undefined))?.ok);
    server.kill('SIGTERM');
    expect(await server.exit).toEqual({ code: 1, signal: null });
    await cutOff;
    expect(requestsIn(server)).toBe(REQUESTS);
  });

  it('by a fault of its own has all lines up to it, and the fault', async () => {
    const server = await start({ preload: ['./test/support/crash.cjs'] });
    await askMuch(server);
    server.kill('SIGUSR2');
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(requestsIn(server)).toBe(REQUESTS);
    expect(server.errorOutput()).toContain('crashed by the test');
  });
});

describe('a server whose log cannot be written', () => {
  // A disk that is always full is a device of Linux; elsewhere there is none, and the others of this file run.
  const itOnLinux = existsSync('/dev/full') ? it : it.skip;

  itOnLinux('because the disk is full answers, and ends with 0', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      const server = await start({ errorOutput: full });
      await askMuch(server);
      server.kill('SIGTERM');
      expect(await server.exit).toEqual({ code: 0, signal: null });
    } finally {
      closeSync(full);
    }
  });

  it('because its reader is gone answers, and ends with 0', async () => {
    const server = await start({ errorOutput: 'closed' });
    await askMuch(server);
    server.kill('SIGTERM');
    expect(await server.exit).toEqual({ code: 0, signal: null });
  });

  it('because nobody reads it answers, and ends all the same', async () => {
    const server = await start({ errorOutput: 'unread' });
    // A line has several hundred bytes; the kernel keeps some hundred thousand for the reader.
    for (let round = 0; round < 30; round++) await askMuch(server);
    server.kill('SIGTERM');
    // As if it had not caught the signal: an exit would wait for the reader.
    expect(await server.exit).toEqual({ code: null, signal: 'SIGTERM' });
  });
});
