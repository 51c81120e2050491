import { codesOf, graphqlUrl, post, upload, type Answer } from '../../support/graphql';
import { asBase64, readPicture } from '../../support/inputs';
import { startServer, type TestServer } from '../../support/server';

const MUTATION = 'mutation { rollbackModel(input: { model: "sentiment-analyzer" }) { model { name } } }';
const QUERY = '{ viewer { name } }';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ settings: { PREDICTQL_ENGINES: '1' } });
});
afterAll(async () => {
  await server.stop();
});

const get = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${graphqlUrl(server)}?query=${encodeURIComponent(query)}`, { headers });
const expectRefused = (answer: Answer<unknown>): void => {
  expect(answer.status).toBe(400);
  expect(codesOf(answer)).toEqual(['BAD_REQUEST']);
  expect(answer.data).toBeUndefined();
};

describe('what any page of the web could make a browser send', () => {
  it('as a GET is refused', async () => {
    expect((await get(QUERY)).status).toBe(400);
  });

  it('as a form of three kinds is refused', async () => {
    const text = JSON.stringify({ query: MUTATION });
    expectRefused(await post(server, text, { headers: { 'content-type': 'text/plain' } }));
    const urlEncoded = new URLSearchParams({ query: MUTATION }).toString();
    expectRefused(await post(server, urlEncoded, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }));
    const operation = { text: 'mutation ($file: Upload!) { __typename }' };
    expectRefused(
      await upload(
        server,
        operation,
        { variables: { file: null }, files: { 'variables.file': readPicture('grey.jpg') } },
        {},
      ),
    );
  });
});

describe('a GET that says it comes from no form', () => {
  const headers = { 'apollo-require-preflight': 'true' };

  it('is answered where it asks', async () => {
    const response = await get(QUERY, headers);
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 200,
      body: { data: { viewer: {} } },
    });
  });

  it('is refused where it would change something, with the way to do it', async () => {
    const response = await get(MUTATION, headers);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(((await response.json()) as Answer<unknown>).errors).toMatchObject([
      { extensions: { code: 'BAD_REQUEST' } },
    ]);
  });

  it('is refused where it subscribes', async () => {
    expect((await get('subscription { modelVersionChanged { cursor } }', headers)).status).toBe(405);
  });
});

it('several requests in one are refused', async () => {
  const one = { query: QUERY };
  expectRefused(await post(server, JSON.stringify([one, one])));
  expectRefused(
    await post(server, JSON.stringify([{ query: MUTATION, variables: asBase64(readPicture('grey.jpg')) }])),
  );
});
