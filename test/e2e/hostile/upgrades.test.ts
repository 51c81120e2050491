import { once } from 'node:events';
import type { Socket } from 'node:net';
import { openHttpSocket } from '../../support/http-socket';
import { startServer, type TestServer } from '../../support/server';
import { until } from '../../support/until';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ settings: { PREDICTQL_ENGINES: '1' } });
});
afterAll(() => server.stop());
afterEach(async () => {
  expect((await fetch(`${server.origin}/livez`)).status).toBe(200);
});

/** Asks for a WebSocket in words of its own. */
async function upgrade(address: string, headers: readonly string[]): Promise<Socket> {
  const socket = await openHttpSocket(server);
  const lines = [`GET ${address} HTTP/1.1`, ...headers, 'connection: Upgrade', 'upgrade: websocket'];
  const keys = ['sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='];
  socket.write([...lines, ...keys, '', ''].join('\r\n'));
  return socket;
}

async function read(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data: Buffer) => (text += data.toString()));
  await once(socket, 'close');
  return text;
}

describe('a request for a WebSocket', () => {
  // The first two took the server down: they are no addresses at all.
  it.each(['//', 'http://[', '///', '*', '/%', '//graphql', '/nothing'])(
    'at %s is answered with 404',
    async (address) => {
      const answer = await read(await upgrade(address, ['host: localhost']));
      expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^]*\r\n\r\n\{"message":"There is nothing here\./);
    },
  );

  it('of a foreign page is refused with an id, under which the log tells of it', async () => {
    const answer = await read(await upgrade('/graphql', ['host: localhost', 'origin: https://evil.example']));
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    const id = /x-request-id: (\S+)/.exec(answer)?.[1];
    const entry = () => server.log().find(({ requestId }) => requestId === id);
    await until('it is logged', () => entry() !== undefined);
    expect(entry()).toMatchObject({ msg: 'request refused', status: 403, codes: ['FORBIDDEN'], route: '/graphql' });
  });

  // It took the server down: nobody heard the error of the socket that was answered.
  it.each([
    ['has nowhere to lead', '/nothing', 'localhost'],
    ['comes from outside', '/graphql', 'evil.example'],
  ])('that %s may be gone before it is refused', async (_what, address, host) => {
    for (let time = 0; time < 200; time++) {
      const socket = await upgrade(address, [`host: ${host}`]);
      const closed = once(socket, 'close');
      // Now at once, now a little later: there is one moment in which it matters.
      if (time % 2 === 0) socket.resetAndDestroy();
      else setImmediate(() => socket.resetAndDestroy());
      await closed;
    }
  });
});

describe('a request that would rather go on in HTTP/2, as the first of a Java client', () => {
  it('is answered over HTTP/1.1, and so is the next one on its connection', async () => {
    const socket = await openHttpSocket(server);
    const body = '{"query":"{ __typename }"}';
    const wish = ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAEAAEAAAAIAAAABAAMAAABk'];
    const type = ['host: localhost', 'content-type: application/json', `content-length: ${body.length}`];
    socket.write(['POST /graphql HTTP/1.1', ...wish, ...type, '', body].join('\r\n'));
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(String(first)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{"data":\{"__typename":"Query"\}\}/);
    socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    expect(await read(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{"status":"live"\}/);
  });
});
