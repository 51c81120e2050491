import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { ask } from '../../support/graphql';
import { createTransaction } from '../../support/inputs';
import { SCORE_FRAUD } from '../../support/operations';
import { openSocket } from '../../support/websocket';
import { until } from '../../support/until';
import { startServer, type TestServer } from '../../support/server';

let server: TestServer;
afterEach(async () => {
  await server.stop();
});

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(server.origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.resume();
  return socket;
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
