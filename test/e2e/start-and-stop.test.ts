import { spawn } from 'node:child_process';
import { once } from 'node:events';
import sharp from 'sharp';
import { addVersion, createBrittleModelsFolder } from '../support/brittle-model';
import { ask, codesOf, dataOf } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import { ANALYZE_SENTIMENT, CLASSIFY_IMAGE, LIST_MODELS, SCORE_FRAUD } from '../support/operations';
import { enginesOf, isAlive, threadsOf, type ThreadFacts } from '../support/processes';
import { freePort, launchServer, ROOT, startObservedServer, startServer, type TestServer } from '../support/server';
import { until } from '../support/until';
import { openSocket } from '../support/websocket';

/** Takes an engine process a while. */
const LONG_TEXT = 'It goes on and on, and hardly anything happens in it. '.repeat(20);

const toStop: TestServer[] = [];
afterEach(async () => {
  await Promise.all(toStop.splice(0).map((server) => server.stop()));
});

/** The status of an address; 0 where nobody listens. */
async function statusOf(server: Pick<TestServer, 'origin'>, place: string): Promise<number> {
  return fetch(`${server.origin}${place}`).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
}

async function readiness(server: TestServer): Promise<{ status: number; missing: string[] }> {
  const response = await fetch(`${server.origin}/readyz`);
  const { missing = [] } = (await response.json()) as { missing?: string[] };
  return { status: response.status, missing };
}

async function untilAllEnded(pids: readonly number[]): Promise<void> {
  expect(pids.length).toBeGreaterThan(0);
  await until('no engine process is left', () => !pids.some(isAlive));
}

const pidsOf = (server: TestServer): number[] => enginesOf(server.pid).map(({ pid }) => pid);

function threadsByPriority(pid: number) {
  const threads = threadsOf(pid);
  const nicerBy = (nicer: number) => threads.filter(({ niceness }) => niceness === (threads[0]?.niceness ?? 0) + nicer);
  return { pool: nicerBy(5), v8: nicerBy(15) };
}

const ranMs = (threads: readonly ThreadFacts[]): number => threads.reduce((sum, thread) => sum + thread.ranMs, 0);

describe('a start', () => {
  it('says where to go and which versions are live, and nothing else', async () => {
    const server = await startServer();
    toStop.push(server);
    const port = new URL(server.origin).port;
    expect(server.output()).toContain('PredictQL is ready.');
    expect(server.output()).toContain(`http://localhost:${port}/graphql`);
    expect(server.output()).toMatch(/fraud-score +fraud-detector: version 2 is live, also 1/);
    expect(server.output()).toMatch(/sentiment +sentiment-analyzer: version \d+ is live/);
    expect(server.output().trimEnd().split('\n').length).toBeLessThan(15);
  });

  it('does not begin with an argument, since it would not be heeded', async () => {
    const server = await launchServer({}, ['--port', '4001']);
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(server.errorOutput()).toMatch(/^The server takes no arguments, such as --port: .* PORT=4000 for instance/);
    expect(server.output()).toBe('');
  });

  it('lives at once, and is ready when every task can be answered', async () => {
    const server = await launchServer();
    toStop.push(server);
    await until('it listens', async () => (await statusOf(server, '/livez')) === 200);
    const early = await readiness(server);
    expect(early.status).toBe(503);
    expect(early.missing.length).toBeGreaterThan(0);
    await until('it knows its models', async () => dataOf(await ask(server, LIST_MODELS)).models.length === 3);
    const tooEarly = await ask(server, ANALYZE_SENTIMENT, { input: { text: 'Fine.' } });
    expect(codesOf(tooEarly)).toEqual(['MODEL_NOT_READY']);
    await until('it is ready', async () => (await statusOf(server, '/readyz')) === 200);
    for (const [operation, input] of [
      [ANALYZE_SENTIMENT, { text: 'Fine.' }],
      [SCORE_FRAUD, createTransaction()],
    ] as const)
      expect((await ask<unknown>(server, operation, { input })).errors).toEqual([]);
  });

  it.each([
    [{ PREDICTQL_ENGINES: 'many' }, /PREDICTQL_ENGINES: expected a whole number from 1 to 256/],
    [
      { PREDICTQL_MAX_QUEUE: '0', PREDICTQL_ENGINE: '2' },
      /PREDICTQL_MAX_QUEUE: .*\n.*PREDICTQL_ENGINE: there is no such/,
    ],
    [{ HOST: 'nowhere.invalid' }, /nowhere\.invalid/],
  ])('with %j fails with a sentence, and leaves nothing behind', async (settings, says) => {
    const server = await launchServer({ settings });
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(server.errorOutput()).toMatch(says);
    expect(server.errorOutput()).not.toMatch(/\n\s+at /);
    expect(enginesOf(server.pid)).toEqual([]);
  });

  it('on a port that is taken fails with a sentence', async () => {
    const server = await startServer();
    toStop.push(server);
    const second = await launchServer({ settings: { PORT: new URL(server.origin).port } });
    expect(await second.exit).toEqual({ code: 1, signal: null });
    expect(second.errorOutput()).toMatch(/EADDRINUSE/);
  });

  it('by `npm start` ends with 0 on SIGTERM', async () => {
    const port = await freePort();
    // A group of its own, as a terminal or a service manager gives it.
    const npm = spawn('npm', ['start'], {
      cwd: ROOT,
      env: { ...process.env, PORT: String(port), PREDICTQL_LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(npm, 'exit');
    await until('it is ready', () => output.includes('PredictQL is ready.'), 120_000);
    expect(await statusOf({ origin: `http://127.0.0.1:${port}` }, '/readyz')).toBe(200);
    npm.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await until(
      'the server is gone',
      async () => (await statusOf({ origin: `http://127.0.0.1:${port}` }, '/livez')) === 0,
    );
  }, 150_000);
});

it('threads that decode pictures go after the event loop in priority, and those that collect garbage after the engines', async () => {
  const server = await startServer();
  toStop.push(server);
  const { pool, v8 } = threadsByPriority(server.pid);
  expect(pool.length).toBeGreaterThanOrEqual(4);
  expect(v8.length).toBeGreaterThanOrEqual(4);
  // They have the same names: what they do tells them apart.
  const large = sharp({ create: { width: 4_000, height: 4_000, channels: 3, background: 'teal' } });
  const base64 = (await large.png().toBuffer()).toString('base64');
  for (let count = 0; count < 20; count++) dataOf(await ask(server, CLASSIFY_IMAGE, { input: { image: { base64 } } }));
  const after = threadsByPriority(server.pid);
  const decodingMs = ranMs(after.pool) - ranMs(pool);
  expect(decodingMs).toBeGreaterThan(2 * (ranMs(after.v8) - ranMs(v8)));
});

describe('engine processes', () => {
  it('go after the server in priority, and carry their number in their name', async () => {
    const server = await startServer({ settings: { PREDICTQL_ENGINES: '2' } });
    toStop.push(server);
    const engines = enginesOf(server.pid);
    expect(engines.map(({ command }) => command.trim()).sort()).toEqual([
      'predictql engine-process 1',
      'predictql engine-process 2',
    ]);
    for (const { niceness } of engines) expect(niceness).toBe(10);
  });

  it('end with a server that was killed', async () => {
    const server = await startServer();
    const pids = pidsOf(server);
    server.kill('SIGKILL');
    expect(await server.exit).toEqual({ code: null, signal: 'SIGKILL' });
    await untilAllEnded(pids);
  });
});

describe('/readyz', () => {
  it('is 503 while no engine process can run a batch, and 200 again once one can', async () => {
    const server = await startServer({ settings: { PREDICTQL_ENGINES: '1' } });
    toStop.push(server);
    expect(await readiness(server)).toEqual({ status: 200, missing: [] });
    process.kill(pidsOf(server)[0]!, 'SIGKILL');
    let missing: string[] = [];
    await until('it is not ready', async () => {
      const now = await readiness(server);
      missing = now.missing;
      return now.status === 503;
    });
    expect(missing.join(' ')).toMatch(/no engine process can run it now/);
    expect(await statusOf(server, '/livez')).toBe(200);
    await until('it is ready again', async () => (await statusOf(server, '/readyz')) === 200);
  });

  it('is 503 while a task has no model at all, and names no model to strangers', async () => {
    using models = createBrittleModelsFolder();
    const keys = [{ name: 'ops', scopes: ['models:read'] }];
    const server = await startServer({ settings: { PREDICTQL_MODELS_DIR: models.path }, keys });
    toStop.push(server);
    const { status, missing } = await readiness(server);
    expect(status).toBe(503);
    expect(missing).toEqual(['classify-image: there is no model for it.', 'sentiment: there is no model for it.']);
    expect(await statusOf(server, '/livez')).toBe(200);
  });

  it('stays 200 while another version loads, and while one fails', async () => {
    using models = createBrittleModelsFolder();
    const settings = { PREDICTQL_POLL_MS: '100', PREDICTQL_REQUIRED_TASKS: 'fraud-score' };
    const server = await startServer({ settings: { ...settings, PREDICTQL_MODELS_DIR: models.path } });
    toStop.push(server);
    addVersion(models, '2');
    addVersion(models, '3', { golden: 0.5 });
    const seen: number[] = [];
    await until('both versions have come to an end', async () => {
      seen.push(await statusOf(server, '/readyz'));
      const { versions } = dataOf(await ask(server, LIST_MODELS)).models[0]!;
      const phases = Object.fromEntries(versions.map(({ version, phase }) => [version, phase]));
      return phases['2'] === 'READY' && phases['3'] === 'FAILED';
    });
    expect(new Set(seen)).toEqual(new Set([200]));
    await server.stop();
  });
});

describe('SIGTERM', () => {
  it('answers all that was accepted, refuses what comes after, and ends with 0', async () => {
    const server = await startObservedServer();
    const pids = pidsOf(server);
    const ACCEPTED = 12;
    const answers = Array.from({ length: ACCEPTED }, () =>
      ask(server, ANALYZE_SENTIMENT, { input: { text: LONG_TEXT } }),
    );
    await until('all are accepted', async () => (await server.facts()).counters.enqueued === ACCEPTED);
    server.kill('SIGTERM');
    await until('nothing new is taken', async () => (await statusOf(server, '/readyz')) !== 200);
    for (const answer of answers) expect((await answer).errors).toEqual([]);
    expect(await server.exit).toEqual({ code: 0, signal: null });
    await untilAllEnded(pids);
  });

  it('answers what came over WebSocket, and closes every connection with 1001', async () => {
    const server = await startObservedServer({ settings: { PREDICTQL_ENGINES: '1' } });
    const [busy, idle] = [await openSocket(server), await openSocket(server)];
    const answers = Array.from({ length: 8 }, () => busy.ask(ANALYZE_SENTIMENT, { input: { text: LONG_TEXT } }));
    await until('all are accepted', async () => (await server.facts()).counters.enqueued === answers.length);
    server.kill('SIGTERM');
    for (const answer of answers) expect((await answer).errors).toEqual([]);
    expect((await busy.ended).code).toBe(1001);
    expect((await idle.ended).code).toBe(1001);
    expect(await server.exit).toEqual({ code: 0, signal: null });
  });

  it('while the models still load ends with 0, and without engine processes', async () => {
    const server = await launchServer();
    await until('it listens', async () => (await statusOf(server, '/livez')) === 200);
    const pids = pidsOf(server);
    server.kill('SIGTERM');
    expect(await server.exit).toEqual({ code: 0, signal: null });
    await untilAllEnded(pids);
    expect(server.errorOutput()).not.toMatch(/\n\s+at |unhandled/i);
  });
});
