import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import WebSocket from 'ws';
import { ask, codesOf, graphqlUrl, post } from '../../support/graphql';
import { ANALYZE_SENTIMENT } from '../../support/operations';
import { startServer, type TestServer } from '../../support/server';

const QUERY = '{ viewer { limits { maxListItems } } }';
const ANSWER = { viewer: { limits: { maxListItems: 100 } } };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ settings: { PREDICTQL_ENGINES: '1' } });
});
afterAll(async () => {
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.log().filter(({ level }) => level >= 40)).toEqual([]);
});

describe('a body of JSON', () => {
  /** Two levels are those of the request and its extensions. */
  const nested = (levels: number): string =>
    `{"query":"${QUERY}","extensions":{"x":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`;

  it('that is nested 100 deep is answered, and a deeper one refused', async () => {
    expect(await post(server, nested(100))).toMatchObject({ status: 200, data: ANSWER });
    for (const levels of [101, 100_000, 5_000_000]) {
      const { status, errors } = await post(server, nested(levels));
      expect({ status, errors }).toEqual({
        status: 400,
        errors: [
          {
            message: 'The JSON is nested deeper than 100 levels. Send lists and objects as the schema has them.',
            extensions: expect.objectContaining({ code: 'BAD_REQUEST' }) as unknown,
          },
        ],
      });
    }
  });

  it('may hold any number of brackets, quotes and backslashes in its texts', async () => {
    for (const text of ['['.repeat(500), `"${'{"'.repeat(500)}`, `Fine. ${'\\"['.repeat(500)}\\`])
      expect((await ask(server, ANALYZE_SENTIMENT, { input: { text } })).errors).toEqual([]);
  });

  it('of millions of empty lists is refused as one of millions of values is', async () => {
    const answer = await post(server, `{"query":"${QUERY}","extensions":{"x":[${'[],'.repeat(5_000_000)}[]]}}`);
    expect({ codes: codesOf(answer), status: answer.status }).toEqual({ codes: ['QUERY_TOO_COSTLY'], status: 400 });
  });

  it('that is empty or cut off is told to be no JSON, as before', async () => {
    for (const body of ['', '{', '{"query":"', '['.repeat(100)])
      expect(codesOf(await post(server, body))).toEqual(['GRAPHQL_PARSE_FAILED']);
  });
});

it('the operations of a form may have a million bytes, and a word more is refused', async () => {
  const form = (bytes: number): FormData => {
    const parts = new FormData();
    const [head, tail] = [`{"query":"${QUERY}","extensions":{"x":"`, '"}}'];
    parts.set('operations', `${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`);
    parts.set('map', '{}');
    return parts;
  };
  const headers = { 'apollo-require-preflight': 'true' };
  // The library's limit counts a field that fills it as too large.
  expect(await post(server, form(999_999), { headers })).toMatchObject({ status: 200, data: ANSWER });
  expect(await post(server, form(1_000_010), { headers })).toMatchObject({
    status: 413,
    errors: [
      {
        message:
          'The operations and the map of a form may have at most 1000000 bytes each. Send pictures as its files.',
        extensions: { code: 'PAYLOAD_TOO_LARGE' },
      },
    ],
  });
});

describe('a message over WebSocket', () => {
  const deep = (levels: number): string =>
    `{"type":"ping","payload":{"x":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`;

  async function send(message: string): Promise<unknown> {
    const raw = new WebSocket(graphqlUrl(server).replace('http:', 'ws:'), 'graphql-transport-ws');
    await once(raw, 'open');
    raw.send(message);
    const answered = once(raw, 'message').then(([data]) => JSON.parse(String(data)) as unknown);
    const closed = once(raw, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
    const told = await Promise.race([answered, closed]);
    raw.terminate();
    return told;
  }

  it('is held to the same limits before it is parsed, also of one who has not said hello', async () => {
    expect(await send(deep(100))).toMatchObject({ type: 'pong' });
    for (const levels of [101, 1_000_000])
      expect(await send(deep(levels))).toEqual({
        code: 4400,
        reason: 'The JSON is nested deeper than 100 levels. Send lists and objects as the schema has them.',
      });
    expect(await send(`{"type":"ping","payload":{"x":[${'[],'.repeat(5_000_000)}[]]}}`)).toEqual({
      code: 4400,
      reason: 'The request holds more than 60000 values. Send them in several requests.',
    });
  });

  it('of a kind that only servers send ends its connection, and is no failure of the server', async () => {
    for (const message of ['{"type":"connection_ack"}', '{"id":"1","type":"next","payload":{"data":null}}'])
      expect(await send(message)).toEqual({ code: 4400, reason: 'Invalid message received' });
  });
});

describe('a body that says it is packed', () => {
  const packed = gzipSync(JSON.stringify({ query: QUERY }));

  it.each(['gzip', 'GZIP', 'br', 'identity, gzip'])('by %s is refused with the cure', async (encoding) => {
    const { status, errors } = await post(server, packed, { headers: { 'content-encoding': encoding } });
    expect(status).toBe(400);
    expect(errors).toEqual([
      {
        message: 'Bodies are not unpacked here. Send the body as it is, without Content-Encoding.',
        extensions: expect.objectContaining({ code: 'BAD_REQUEST' }) as unknown,
      },
    ]);
  });

  it('is refused before it is read', async () => {
    const { hostname, port } = new URL(server.origin);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n\r\n',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 .*"BAD_REQUEST"/s);
    socket.destroy();
  });

  it('by identity, which packs nothing, is answered', async () => {
    const headers = { 'content-encoding': 'Identity' };
    expect(await post(server, JSON.stringify({ query: QUERY }), { headers })).toMatchObject({ data: ANSWER });
  });
});
