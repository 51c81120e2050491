import { once } from 'node:events';
import { request } from 'node:http';
import WebSocket from 'ws';
import { ask, graphqlUrl } from '../support/graphql';
import { createKey, launchServer, startServer, type TestServer } from '../support/server';
import { until } from '../support/until';
import { openSocket } from '../support/websocket';

interface Reply {
  readonly status: number | undefined;
  readonly body: string;
}

/** A GET with headers that `fetch` would not let through. */
function get(server: TestServer, path: string, headers: Readonly<Record<string, string | string[]>>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request(server.origin + path, { headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });
}

/** The answer to an upgrade: a connection, or what is said in its place. */
async function upgrade(server: TestServer, headers: Readonly<Record<string, string>>): Promise<Reply> {
  const socket = new WebSocket(graphqlUrl(server).replace('http', 'ws'), 'graphql-transport-ws', { headers });
  socket.on('error', () => undefined);
  const opened = once(socket, 'open').then((): Reply => ({ status: 101, body: '' }));
  const refused = new Promise<Reply>((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
  });
  const reply = await Promise.race([opened, refused]);
  socket.terminate();
  return reply;
}

const QUERY = '/graphql?query=%7B__typename%7D';
const PREFLIGHT = { 'apollo-require-preflight': 'true' };

describe('without a key', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  it('the start says who is let in', () => {
    expect(server.output()).toMatch(/Access +whoever is on this machine, for everything: there is no key yet/);
  });

  it.each(['localhost', '127.0.0.1:4000', '[::1]:80'])('everybody who asks %s is let in', async (host) => {
    expect((await get(server, QUERY, { ...PREFLIGHT, host })).status).toBe(200);
    expect((await upgrade(server, { host })).status).toBe(101);
  });

  it.each(['/', '/playground', '/graphql', '/livez', '/readyz', '/nothing'])(
    'a name that points here from outside gets nothing at %s',
    async (path) => {
      const { status, body } = await get(server, path, { ...PREFLIGHT, host: 'evil.example:4000' });
      expect(status).toBe(403);
      expect(JSON.parse(body)).toEqual({
        errors: [{ message: expect.stringMatching(/^Without keys this server/), extensions: { code: 'FORBIDDEN' } }],
      });
    },
  );

  it('a name that points here from outside gets no WebSocket', async () => {
    const { status, body } = await upgrade(server, { host: 'evil.example' });
    expect({ status, body }).toEqual({ status: 403, body: expect.stringContaining('"FORBIDDEN"') });
  });

  it('foreign pages get neither an answer nor a WebSocket', async () => {
    const origin = 'https://evil.example';
    expect((await get(server, QUERY, { ...PREFLIGHT, origin })).status).toBe(403);
    expect((await upgrade(server, { origin })).status).toBe(403);
    expect((await upgrade(server, { origin: 'null' })).status).toBe(403);
  });

  it('pages of this machine get both', async () => {
    const origin = 'http://localhost:5173';
    expect((await get(server, QUERY, { ...PREFLIGHT, origin })).status).toBe(200);
    expect((await upgrade(server, { origin })).status).toBe(101);
  });
});

describe('the first key', () => {
  it('ends what the anonymous had open, and no name is foreign any more', async () => {
    const server = await startServer();
    try {
      const anonymous = await openSocket(server);
      const key = server.changeKeys((file) => createKey(file, { name: 'first', scopes: ['*'] }));
      expect(await anonymous.ended).toEqual({ code: 4401, reason: 'From now on this needs a key.' });
      const headers = { ...PREFLIGHT, host: 'predictions.example', authorization: `Bearer ${key}` };
      expect((await get(server, QUERY, headers)).status).toBe(200);
      expect((await get(server, QUERY, { ...PREFLIGHT })).status).toBe(401);
    } finally {
      await server.stop();
    }
  });
});

describe('on an address that others can reach', () => {
  it('no server starts without a key, and the sentence tells three ways out', async () => {
    const server = await launchServer({ settings: { HOST: '0.0.0.0' } });
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(server.errorOutput()).toMatch(/^HOST is 0\.0\.0\.0, which others can reach, and there is no key yet/);
    for (const way of ['predictql keys create', 'PREDICTQL_JWKS_URL', 'PREDICTQL_AUTH=required', 'PREDICTQL_AUTH=off'])
      expect(server.errorOutput()).toContain(way);
  });

  it('one starts with a key', async () => {
    const server = await startServer({ settings: { HOST: '0.0.0.0' }, keys: [{ name: 'web', scopes: ['*'] }] });
    expect(server.output()).toMatch(/Access +whoever has a key or token/);
    expect((await get(server, QUERY, { ...PREFLIGHT, host: 'predictions.example' })).status).toBe(401);
    await server.stop();
  });

  it('one starts when told that keys are required, and waits for the first', async () => {
    const server = await startServer({ settings: { HOST: '0.0.0.0', PREDICTQL_AUTH: 'required' } });
    const status = async (key: string): Promise<number> =>
      (await ask(server, { text: '{ __typename }' }, {}, { headers: { 'x-api-key': key } })).status;
    expect(await status('pql_x')).toBe(401);
    const key = server.changeKeys((file) => createKey(file, { name: 'first', scopes: ['*'] }));
    await until('the key opens', async () => (await status(key)) === 200);
    await server.stop();
  });

  it('one starts when told to ask nobody, and foreign pages are refused all the same', async () => {
    const settings = { HOST: '0.0.0.0', PREDICTQL_AUTH: 'off', PREDICTQL_ALLOWED_ORIGINS: 'https://app.example' };
    const server = await startServer({ settings, keys: [{ name: 'web', scopes: ['*'] }] });
    expect(server.output()).toContain('PREDICTQL_AUTH=off');
    const host = 'predictions.example';
    expect((await get(server, QUERY, { ...PREFLIGHT, host })).status).toBe(200);
    expect((await upgrade(server, { host, origin: 'https://evil.example' })).status).toBe(403);
    expect((await upgrade(server, { host, origin: 'https://app.example' })).status).toBe(101);
    expect((await upgrade(server, { host, origin: `https://${host}` })).status).toBe(101);
    await server.stop();
  });
});
