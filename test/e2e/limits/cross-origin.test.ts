import { graphqlUrl } from '../../support/graphql';
import { startServer, type TestServer } from '../../support/server';

const PAGE = 'https://shop.example';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ settings: { PREDICTQL_ENGINES: '1', PREDICTQL_ALLOWED_ORIGINS: PAGE } });
});
afterAll(async () => {
  await server.stop();
});

const preflight = (origin: string): Promise<Response> =>
  fetch(graphqlUrl(server), {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,authorization',
    },
  });
const ask = (origin: string): Promise<Response> =>
  fetch(graphqlUrl(server), {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { name } }' }),
  });

describe('a page of an origin that PREDICTQL_ALLOWED_ORIGINS names', () => {
  it('may ask with its headers, and is told for how long', async () => {
    const { status, headers } = await preflight(PAGE);
    expect(status).toBe(204);
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type,authorization',
      'access-control-max-age': '600',
    });
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('may read the answer, and the headers that tell when to ask again', async () => {
    const response = await ask(PAGE);
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(response.headers.get('access-control-expose-headers')).toMatch(/retry-after.*ratelimit/);
    expect(response.headers.get('vary')).toMatch(/origin/i);
  });
});

describe('a page of another origin', () => {
  it.each(['https://evil.example', `${PAGE}.evil.example`, 'http://shop.example', 'null'])(
    '%s may neither ask nor read',
    async (origin) => {
      for (const response of [await preflight(origin), await ask(origin)]) {
        expect(response.status).toBe(403);
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
      }
    },
  );
});
