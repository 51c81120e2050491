import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { createPredictQLClient } from '../../../src/client';
import { endOfTurn } from '../../support/deferred';
import { until } from '../../support/until';

const WATCH = 'subscription ($after: String) { modelVersionChanged(after: $after) { cursor } }';

/** Answers each subscription with one event, and after it cuts the line or keeps it. */
function startServer({ isCutting }: { readonly isCutting: boolean }) {
  const server = new WebSocketServer({ port: 0, handleProtocols: () => 'graphql-transport-ws' });
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    socket.on('message', (data: Buffer) => {
      const { type, id } = JSON.parse(data.toString()) as { readonly type: string; readonly id?: string };
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type !== 'subscribe') return;
      const payload = { data: { modelVersionChanged: { cursor: `c${connections}` } } };
      socket.send(JSON.stringify({ type: 'next', id, payload }), () => {
        if (isCutting) socket.terminate();
      });
    });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    connections: () => connections,
    open: () => server.clients.size,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

it.each([
  ['that is open', false],
  ['that waits to connect again', true],
])('closing a client ends a subscription %s, and nothing connects any more', async (_what, isCutting) => {
  const server = startServer({ isCutting });
  let hasLost = false;
  class Watched extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      this.on('close', () => (hasLost = true));
    }
  }
  const client = createPredictQLClient({ url: server.url, webSocket: Watched });
  const results = client.subscribe(WATCH);
  expect((await results.next()).value).toEqual({ modelVersionChanged: { cursor: 'c1' } });
  const next = results.next();
  if (isCutting) await until('the client has lost the line', () => hasLost);
  await endOfTurn();
  await client.close();
  expect(await next).toEqual({ done: true, value: undefined });
  await until('no line is open', () => server.open() === 0);
  expect(server.connections()).toBe(1);
  await server.close();
});

it('a client that was closed can subscribe again', async () => {
  const server = startServer({ isCutting: false });
  const client = createPredictQLClient({ url: server.url, webSocket: WebSocket });
  await client.subscribe(WATCH).next();
  await client.close();
  expect((await client.subscribe(WATCH).next()).value).toEqual({ modelVersionChanged: { cursor: 'c2' } });
  await client.close();
  await server.close();
});
