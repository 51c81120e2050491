import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import WebSocket from 'ws';
import { ask, dataOf, graphqlUrl, type Operation } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import {
  ANALYZE_SENTIMENT,
  ANALYZE_SENTIMENT_LIST,
  ASK_VIEWER,
  EXPLAIN_FRAUD,
  LIST_MODELS,
  SCORE_FRAUD,
  SCORE_FRAUD_LIST,
} from '../support/operations';
import { enginesOf } from '../support/processes';
import { startObservedServer, type ObservedServer } from '../support/server';
import { until } from '../support/until';
import { openSocket, type Socket } from '../support/websocket';

/** Up to 300 inferences, which is more than one request may ask for. */
const THREE_LISTS: Operation<unknown> = {
  text: `query ($inputs: [FraudScoreInput!]!) {
    a: fraudScoreList(inputs: $inputs) { id } b: fraudScoreList(inputs: $inputs) { id } c: fraudScoreList(inputs: $inputs) { id }
  }`,
};

/** Answers of 100 KB or more: far more than sockets hold. */
const UNREAD = 3_000;
/** More than the buffers of a connection hold. Bytes. */
const BUFFERED = 32 << 20;

let server: ObservedServer;
let socket: Socket;
beforeAll(async () => {
  server = await startObservedServer({ settings: { PREDICTQL_ENGINES: '1' } });
  socket = await openSocket(server);
});
afterAll(async () => {
  await socket.close();
  await server.stop();
});

describe('over WebSocket', () => {
  const input = createTransaction();

  it('predictions are those that HTTP gives', async () => {
    const overSocket = await socket.ask(SCORE_FRAUD, { input });
    const overHttp = dataOf(await ask(server, SCORE_FRAUD, { input })).fraudScore!;
    const { probability, servedBy } = overSocket.data!.fraudScore!;
    expect({ probability, servedBy }).toEqual({ probability: overHttp.probability, servedBy: overHttp.servedBy });
  });

  it.each<[string, Operation<unknown>, Record<string, unknown>]>([
    ['sentiment', ANALYZE_SENTIMENT, { input: { text: 'Fine.' } }],
    ['sentimentList', ANALYZE_SENTIMENT_LIST, { inputs: [{ text: 'Fine.' }, { text: 'Awful.' }] }],
    ['fraudScore with reasons', EXPLAIN_FRAUD, { input }],
    ['fraudScoreList', SCORE_FRAUD_LIST, { inputs: [input, input] }],
    ['models', LIST_MODELS, {}],
    ['viewer', ASK_VIEWER, {}],
  ])('%s is answered', async (_name, operation, variables) => {
    const { data, errors } = await socket.ask(operation, variables);
    expect(errors).toEqual([]);
    expect(Object.values(data as object)[0]).not.toBeNull();
  });

  it('operations of one connection share inference calls', async () => {
    const texts = Array.from({ length: 16 }, (_, index) => ({ input: createTransaction({ amount: index + 1 }) }));
    const answers = await Promise.all(texts.map((variables) => socket.ask(SCORE_FRAUD, variables)));
    expect(Math.max(...answers.map(({ data }) => data!.fraudScore!.timing.batchSize))).toBeGreaterThan(1);
  });

  it.each<[string, Operation<unknown>, Record<string, unknown>]>([
    ['a syntax error', { text: '{ viewer {' }, {}],
    ['a syntax error at a value', { text: '{ sentiment(input: { text: "fine" "secret" }) { label } }' }, {}],
    ['a value of the wrong type in the document', { text: '{ sentiment(input: { text: 4711.5 }) { label } }' }, {}],
    ['an unknown field', { text: '{ viewers }' }, {}],
    ['a variable of the wrong type', SCORE_FRAUD, { input: { ...input, amount: 'secret-4711' } }],
    ['an input out of range', SCORE_FRAUD, { input: { ...input, amount: -4711.5 } }],
    ['a bad item of a list', SCORE_FRAUD_LIST, { inputs: [input, { ...input, amount: -4711.5 }] }],
    ['an unknown version', SCORE_FRAUD, { input, options: { version: { version: '4711' } } }],
    ['a request that costs too much', THREE_LISTS, { inputs: Array.from({ length: 100 }, () => input) }],
  ])('%s gets the code, the path and the sentence that HTTP gives', async (_name, operation, variables) => {
    const overSocket = await socket.ask(operation, variables);
    const overHttp = await ask(server, operation, variables);
    expect(overHttp.errors).not.toEqual([]);
    expect(overSocket.errors).toEqual(overHttp.errors);
    expect(JSON.stringify(overSocket.errors)).not.toMatch(/secret|4711\.5/);
  });
});

describe('what nobody waits for any more', () => {
  it('is not computed after `complete`', async () => {
    await expectNotComputed((_client, operations) => {
      for (const complete of operations) complete();
      return Promise.resolve();
    });
  });

  it('is not computed after a disconnect without a word', async () => {
    await expectNotComputed(async (client) => {
      client.terminate();
      await client.ended;
    });
  });

  /** Queues operations behind a call that stands still, lets `leave` give them up, and sees that none was run. */
  async function expectNotComputed(leave: (client: Socket, operations: (() => void)[]) => Promise<void>) {
    const QUEUED = 20;
    const before = await server.facts();
    const [engine] = enginesOf(server.pid);
    process.kill(engine!.pid, 'SIGSTOP');
    const occupying = socket.ask(ANALYZE_SENTIMENT, { input: { text: 'It takes its time.' } });
    await until('the engine is busy', async () => (await server.facts()).engines[0]!.state === 'running');
    const client = await openSocket(server);
    const operations = Array.from({ length: QUEUED }, (_, index) =>
      client.start(SCORE_FRAUD, { input: createTransaction({ amount: index + 1 }) }),
    );
    await until('all wait', async () => (await server.facts()).queueLength === QUEUED);
    await leave(client, operations);
    await until('all have left', async () => (await server.facts()).admitted === 1);
    process.kill(engine!.pid, 'SIGCONT');
    expect((await occupying).errors).toEqual([]);

    const { counters, admitted, queueLength } = await server.facts();
    expect(counters.abandoned - before.counters.abandoned).toBe(QUEUED);
    expect(counters.computedRows - before.counters.computedRows).toBe(1);
    expect({ admitted, queueLength }).toEqual({ admitted: 0, queueLength: 0 });
    await client.close();
  }
});

describe('a connection', () => {
  it('is refused on another path', async () => {
    const raw = new WebSocket(`${graphqlUrl(server).replace('http:', 'ws:')}s`, 'graphql-transport-ws');
    const error = await new Promise<Error>((resolve) => raw.once('error', resolve));
    expect(error.message).toContain('404');
  });

  it.each([
    ['names no protocol', [], () => undefined, 4406],
    ['sends what is no JSON', 'graphql-transport-ws', (raw: WebSocket) => raw.send('not json'), 4400],
    [
      'asks before it has said hello',
      'graphql-transport-ws',
      (raw: WebSocket) => raw.send('{"id":"1","type":"subscribe","payload":{"query":"{ viewer { name } }"}}'),
      4401,
    ],
    [
      'sends more than a request may have',
      'graphql-transport-ws',
      (raw: WebSocket) => raw.send('x'.repeat(17 << 20)),
      1009,
    ],
  ])('that %s is closed with the reason', async (_name, protocol, speak, code) => {
    const raw = new WebSocket(graphqlUrl(server).replace('http:', 'ws:'), protocol);
    const closed = new Promise<number>((resolve) => raw.once('close', resolve));
    raw.once('open', () => speak(raw));
    expect(await closed).toBe(code);
  });

  it('that uses a very long id twice is closed with the reason, as with a short one', async () => {
    for (const id of ['x', 'x'.repeat(300)]) {
      const raw = new WebSocket(graphqlUrl(server).replace('http:', 'ws:'), 'graphql-transport-ws');
      const closed = new Promise<number>((resolve) => raw.once('close', resolve));
      const subscribe = { id, type: 'subscribe', payload: { query: 'subscription { modelVersionChanged { kind } }' } };
      raw.once('open', () => raw.send('{"type":"connection_init"}'));
      raw.once('message', () => {
        raw.send(JSON.stringify(subscribe));
        raw.send(JSON.stringify(subscribe));
      });
      expect(await closed).toBe(4409);
    }
  });

  it('that asks on and never reads is closed with 1013, and holds no more than what came with one reading', async () => {
    const leftBefore = await countLeft();
    const raw = await openRaw();
    raw.pause();
    let [answers, bytes] = [0, 0];
    raw.on('message', (data: Buffer) => {
      answers++;
      bytes += data.length;
    });
    const closed = once(raw, 'close') as Promise<[number, Buffer]>;
    const query = '{ __schema { types { name description fields { name description type { name } } } } }';
    for (let id = 0; id < UNREAD; id++)
      raw.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query } }));
    await until('its operations are given up', async () => {
      // Another connection is answered meanwhile.
      expect((await socket.ask(ASK_VIEWER)).errors).toEqual([]);
      return (await countLeft()) > leftBefore;
    });
    raw.resume();
    const [code, reason] = await closed;
    expect({ code, reason: String(reason) }).toEqual({
      code: 1013,
      reason: 'Too many answers wait to be read. Read them before you ask for more.',
    });
    expect(answers).toBeLessThan(UNREAD / 2);
    expect(bytes).toBeLessThan(64 * 2 ** 20);
    // What waited for its turn when the connection was closed.
    expect((await countLeft()) - leftBefore).toBeLessThan(UNREAD / 2);
  });

  it.each([
    ['nothing waits', 0],
    ['operations wait for their turns', 50],
  ])('that sends what cannot be read is not read any further, where %s', async (_what, operations) => {
    const { raw, tcp } = await openTcp();
    // It does not hear that it should stop.
    raw.pause();
    raw.on('error', () => undefined);
    const closed = new Promise((resolve) => tcp.once('close', resolve));
    const piece = Buffer.alloc(1 << 20);
    let taken = 0;
    const pour = (): void => {
      tcp.write(piece, (error) => {
        if (error) return;
        taken += piece.length;
        if (taken < BUFFERED) pour();
        else tcp.destroy();
      });
    };
    // In one reading, so that it is not paused before it gets to what cannot be read.
    tcp.cork();
    for (let id = 0; id < operations; id++)
      raw.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: ASK_VIEWER.text } }));
    tcp.write(Buffer.from([0xff, 0xff]));
    tcp.uncork();
    pour();
    await closed;
    expect(taken).toBeLessThan(BUFFERED);
  });

  it('that asks for much at once does not hold up another', async () => {
    const MANY = 200;
    const raw = await openRaw();
    let answers = 0;
    raw.on('message', () => answers++);
    for (let id = 0; id < MANY; id++)
      raw.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: ASK_VIEWER.text } }));
    expect((await socket.ask(ASK_VIEWER)).errors).toEqual([]);
    // Each operation has an answer and its `complete`.
    expect(answers).toBeLessThan(MANY);
    await until('all are answered', () => answers === 2 * MANY);
    raw.terminate();
  });

  it('may take back what it asked for before that has its turn', async () => {
    const MANY = 100;
    const leftBefore = await countLeft();
    const raw = await openRaw();
    const answered = new Set<string>();
    raw.on('message', (data: Buffer) => answered.add((JSON.parse(String(data)) as { id: string }).id));
    const subscribe = (id: string): void =>
      raw.send(JSON.stringify({ id, type: 'subscribe', payload: { query: ASK_VIEWER.text } }));
    for (let id = 0; id < MANY; id++) {
      subscribe(String(id));
      raw.send(JSON.stringify({ id: String(id), type: 'complete' }));
    }
    subscribe('last');
    await until('the last is answered', () => answered.delete('last'));
    // Some may have had their turn between two readings.
    expect(answered.size).toBeLessThan(MANY / 2);
    const left = (await countLeft()) - leftBefore;
    // Who takes back what is being answered has left too.
    expect(left).toBeGreaterThanOrEqual(MANY - answered.size);
    expect(left).toBeLessThanOrEqual(MANY);
    raw.terminate();
  });

  it('hears what is wrong with a file or an address that stands in the document itself', async () => {
    for (const image of ['upload: "x"', 'url: "no address"']) {
      const { errors } = await socket.ask({ text: `{ classifyImage(input: { image: { ${image} } }) { id } }` });
      expect(errors[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });

  it('that ends does not disturb others', async () => {
    const other = await openSocket(server);
    other.terminate();
    await other.ended;
    expect((await socket.ask(SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  });
});

/** A connection that has said hello, without a client that waits for anything. */
async function openRaw(): Promise<WebSocket> {
  return (await openTcp()).raw;
}

/** The same, with the socket below it. */
async function openTcp(): Promise<{ readonly raw: WebSocket; readonly tcp: TcpSocket }> {
  const raw = new WebSocket(graphqlUrl(server).replace('http:', 'ws:'), 'graphql-transport-ws');
  const upgraded = once(raw, 'upgrade') as Promise<[IncomingMessage]>;
  await once(raw, 'open');
  raw.send('{"type":"connection_init"}');
  await once(raw, 'message');
  return { raw, tcp: (await upgraded)[0].socket };
}

/** Operations over WebSocket whose answers nobody waited for. */
async function countLeft(): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', server.origin))).text();
  const counts = metrics.matchAll(/^predictql_requests_total\{transport="websocket",.*outcome="left"\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
