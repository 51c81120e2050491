import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { ask } from '../../support/graphql';
import { openHttpSocket } from '../../support/http-socket';
import { createTransaction } from '../../support/inputs';
import { SCORE_FRAUD } from '../../support/operations';
import { openSocket } from '../../support/websocket';
import { until } from '../../support/until';
import { startServer, type TestServer } from '../../support/server';

let server: TestServer;
afterEach(async () => {
  await server.stop();
});

/** What comes back is not read, but thrown away. */
async function open(): Promise<Socket> {
  return (await openHttpSocket(server)).resume();
}

describe('connections on which nothing comes', () => {
  it('are cut, thousands of them, and meanwhile others are answered', async () => {
    server = await startServer({ settings: { PREDICTQL_ENGINES: '1' } });
    const silent = await Promise.all(Array.from({ length: 2_000 }, open));
    const slow = await open();
    slow.write('POST /graphql HTTP/1.1\r\nhost: localhost\r\n');
    const ends = [...silent, slow].map((socket) => once(socket, 'close'));
    for (let request = 0; request < 20; request++)
      expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
    await Promise.all(ends);
    expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  }, 40_000);
});

describe('a body that comes slower than a kilobyte a second', () => {
  it.each([
    ['as JSON', 'content-type: application/json'],
    ['as a form', 'content-type: multipart/form-data; boundary=x\r\napollo-require-preflight: true'],
  ])('%s is cut off with 408, and its place is free again; a fast one is answered', async (_kind, headers) => {
    server = await startServer({ settings: { PREDICTQL_ENGINES: '1', PREDICTQL_CONCURRENT_REQUESTS: '1' } });
    const slow = await open();
    let answer = '';
    slow.on('data', (data: Buffer) => (answer += data.toString()));
    const closed = once(slow, 'close');
    const names = `host: localhost\r\nx-request-id: slow-one\r\n${headers}`;
    slow.write(`POST /graphql HTTP/1.1\r\n${names}\r\ncontent-length: 1000000\r\n\r\n`);
    const timer = setInterval(() => slow.write(' '), 200);
    const code = async (): Promise<string | undefined> =>
      (await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors[0]?.extensions?.code;
    await until('it holds the one place', async () => (await code()) === 'RATE_LIMITED');
    // Anyway only after 30 s, by the limit of a whole request.
    await until('it is cut off', () => answer !== '', 25_000);
    clearInterval(timer);
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({
      errors: [
        {
          message: 'The body came slower than a kilobyte a second. Send it faster, or send less.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
    const entry = () => server.log().find(({ requestId }) => requestId === 'slow-one');
    await until('it is logged', () => entry() !== undefined);
    expect(entry()).toMatchObject({ msg: 'request refused', status: 408, codes: ['BAD_REQUEST'], route: '/graphql' });
    await until('its place is free', async () => (await code()) === undefined);
  });
});

describe('with PREDICTQL_CONNECTIONS_PER_ADDRESS', () => {
  it('one connection too many is cut, and taken once another has ended', async () => {
    server = await startServer({ settings: { PREDICTQL_ENGINES: '1', PREDICTQL_CONNECTIONS_PER_ADDRESS: '3' } });
    const held = [await open(), await open(), await open()];
    const { hostname, port } = new URL(server.origin);
    const tooMany = connect(Number(port), hostname);
    tooMany.on('error', () => undefined);
    await once(tooMany, 'close');
    held[0]!.destroy();
    await once(held[0]!, 'close');
    const answered = async (): Promise<boolean> => {
      const answer = await ask(server, SCORE_FRAUD, { input: createTransaction() }).catch(() => undefined);
      return answer?.errors.length === 0;
    };
    await until('there is room again', answered);
    for (const socket of held) socket.destroy();
  });
});

describe('with PREDICTQL_WEBSOCKET_MESSAGES_PER_SECOND', () => {
  it.each([
    ['messages', (raw: WebSocket) => raw.send('{"type":"ping"}')],
    ['frames of the protocol itself', (raw: WebSocket) => raw.ping()],
  ])('a connection that floods the server with %s is closed, and others are not', async (_what, send) => {
    server = await startServer({
      settings: { PREDICTQL_ENGINES: '1', PREDICTQL_WEBSOCKET_MESSAGES_PER_SECOND: '20' },
    });
    const calm = await openSocket(server);
    const raw = new WebSocket(`${server.origin.replace('http:', 'ws:')}/graphql`, 'graphql-transport-ws');
    await once(raw, 'open');
    raw.send('{"type":"connection_init"}');
    const closed = once(raw, 'close') as Promise<[number, Buffer]>;
    for (let message = 0; message < 100; message++) send(raw);
    const [code, reason] = await closed;
    expect({ code, reason: String(reason) }).toEqual({
      code: 1013,
      reason: 'A connection may send 20 messages a second.',
    });
    expect((await calm.ask(SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
    await calm.close();
  });
});

describe('a WebSocket whose client answers no ping', () => {
  it('is cut, and one whose client does is not', async () => {
    server = await startServer({ settings: { PREDICTQL_ENGINES: '1' } });
    const calm = await openSocket(server);
    const url = `${server.origin.replace('http:', 'ws:')}/graphql`;
    const gone = new WebSocket(url, 'graphql-transport-ws', { autoPong: false });
    await once(gone, 'open');
    gone.send('{"type":"connection_init"}');
    // After two pings: of anybody, and of one who did not answer the first.
    expect((await once(gone, 'close'))[0]).toBe(1006);
    expect((await calm.ask(SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
    await calm.close();
  }, 60_000);
});

describe('a WebSocket message beyond the limit', () => {
  const SENT = 256 << 20;
  /** Far more than the buffers of both sockets hold. */
  const TAKEN = 64 << 20;

  it('is told so, is not taken in, and its connection ends though its client does not close it', async () => {
    server = await startServer({ settings: { PREDICTQL_ENGINES: '1' } });
    const { hostname, port } = new URL(server.origin);
    // Open until both sides have ended it: this side never does.
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    socket.on('error', () => undefined);
    socket.write(
      'GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /);

    const closed = new Promise((resolve) => socket.once('close', resolve));
    let told = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => (told = Buffer.concat([told, data])));
    // One message, masked by zeros.
    const frame = Buffer.alloc(14);
    frame.writeUInt16BE(0x82ff);
    frame.writeBigUInt64BE(BigInt(SENT), 2);
    socket.write(frame);
    let taken = 0;
    const part = Buffer.alloc(1 << 20);
    const send = (): void => {
      socket.write(part, (error) => {
        if (error) return;
        taken += part.length;
        if (taken < SENT) send();
      });
    };
    send();
    await closed;
    expect(taken).toBeLessThan(TAKEN);
    // A close frame of two bytes, its code.
    expect(told.toString('hex')).toBe('880203f1');
    expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  }, 10_000);
});
