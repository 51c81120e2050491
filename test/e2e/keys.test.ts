import { ask, codesOf, dataOf, post, type ErrorAnswer } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import { ANALYZE_SENTIMENT, SCORE_FRAUD } from '../support/operations';
import { createKey, startServer, type TestServer } from '../support/server';
import { until } from '../support/until';
import { openSocket, SocketRefusedError } from '../support/websocket';

const VIEWER = {
  text: '{ viewer { name scopes limits { requestsPerSecond } } }',
} as {
  readonly text: string;
  readonly data?: {
    readonly viewer: { readonly name: string | null; readonly scopes: string[]; readonly limits: object };
  };
};
const MODELS = { text: '{ models { name } }' };
const SENTIMENT = { input: { text: 'Not bad at all.' } };

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    keys: [
      { name: 'web', scopes: ['predict:sentiment'], limits: { requestsPerSecond: 50 } },
      { name: 'operator', scopes: ['models:read', 'models:write'] },
      { name: 'everything', scopes: ['*'] },
      { name: 'short-lived', scopes: ['*'], expiresAt: new Date(Date.now() + 86_400_000) },
    ],
  });
});
afterAll(() => server.stop());

describe('a key', () => {
  it.each([
    ['authorization', (key: string) => bearer(key)],
    ['authorization, in other letters', (key: string) => ({ Authorization: `bearer  ${key}` })],
    ['x-api-key', (key: string) => ({ 'x-api-key': key })],
    ['both, the same', (key: string) => ({ ...bearer(key), 'x-api-key': key })],
  ])('opens in %s', async (_header, headersOf) => {
    const { viewer } = dataOf(await ask(server, VIEWER, {}, { headers: headersOf(server.keys['web']!) }));
    expect(viewer).toEqual({ name: 'web', scopes: ['predict:sentiment'], limits: { requestsPerSecond: 50 } });
  });

  it('opens what its scopes allow', async () => {
    const answer = await ask(server, ANALYZE_SENTIMENT, SENTIMENT, { headers: bearer(server.keys['web']!) });
    expect(dataOf(answer)).toMatchObject({ sentiment: { label: 'POSITIVE' } });
  });

  it('opens nothing else, and the answer names the scope that is missing', async () => {
    const { status, errors } = await ask(
      server,
      SCORE_FRAUD,
      { input: createTransaction() },
      {
        headers: bearer(server.keys['web']!),
      },
    );
    expect({ status, errors }).toMatchObject({
      status: 403,
      errors: [
        {
          message: 'This needs the scope predict:fraud-score. "web" has only predict:sentiment.',
          path: ['fraudScore'],
          extensions: { code: 'FORBIDDEN', scope: 'predict:fraud-score' },
        },
      ],
    });
  });

  it('leaves what is allowed beside what is not', async () => {
    const both = { text: '{ sentiment(input: {text: "Good."}) { label } models { name } }' };
    const { status, data, errors } = await ask(server, both, {}, { headers: bearer(server.keys['web']!) });
    expect({ status, data }).toEqual({ status: 200, data: { sentiment: { label: 'POSITIVE' }, models: null } });
    expect(codesOf({ errors })).toEqual(['FORBIDDEN']);
  });

  it('without models:read cannot name a version', async () => {
    const named = { text: '{ sentiment(input: {text: "Good."}, options: {version: {alias: LIVE}}) { label } }' };
    const refused = await ask(server, named, {}, { headers: bearer(server.keys['web']!) });
    expect(refused.errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', scope: 'models:read' });
    expect((await ask(server, named, {}, { headers: bearer(server.keys['everything']!) })).errors).toEqual([]);
  });
});

describe('over WebSocket a key', () => {
  it.each([
    ['in the headers of the upgrade', (key: string) => ({ headers: bearer(key) })],
    ['as authorization in connection_init', (key: string) => ({ connectionParams: bearer(key) })],
    [
      'as Authorization in connection_init',
      (key: string) => ({ connectionParams: { Authorization: `Bearer ${key}` } }),
    ],
    ['as apiKey in connection_init', (key: string) => ({ connectionParams: { apiKey: key } })],
    ['as x-api-key in connection_init', (key: string) => ({ connectionParams: { 'x-api-key': key } })],
  ])('opens %s, and its scopes hold', async (_place, optionsOf) => {
    const socket = await openSocket(server, optionsOf(server.keys['web']!));
    const { data } = await socket.ask(ANALYZE_SENTIMENT, SENTIMENT);
    expect(data).toMatchObject({ sentiment: { label: 'POSITIVE' } });
    const { errors } = await socket.ask(MODELS);
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', scope: 'models:read' });
    await socket.close();
  });

  it('that lacks the scope cannot subscribe', async () => {
    const socket = await openSocket(server, { connectionParams: { apiKey: server.keys['web']! } });
    const { errors } = await socket.ask({ text: 'subscription { modelVersionChanged { cursor } }' });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', scope: 'models:read' });
    await socket.close();
  });

  it.each([
    ['that is missing', {}, /^This needs a key/],
    ['that is unknown', { connectionParams: { apiKey: 'pql_x' } }, /not written right/],
    ['that is no text', { connectionParams: { apiKey: 7 } }, /not a text/],
    ['of which there are two', { headers: bearer('a'), connectionParams: { apiKey: 'b' } }, /two different/],
  ])('%s closes the connection with 4401', async (_what, options, reason) => {
    const refusal = openSocket(server, options);
    await expect(refusal).rejects.toBeInstanceOf(SocketRefusedError);
    await expect(refusal).rejects.toMatchObject({ end: { code: 4401, reason: expect.stringMatching(reason) } });
  });
});

describe('without a right key', () => {
  const another = 'pql_AAAAAAAAAAAA_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB';
  it.each<[string, Record<string, string>, RegExp]>([
    ['none', {}, /^This needs a key/],
    ['an empty Bearer', { authorization: 'Bearer ' }, /The key is empty/],
    ['only the word Bearer', { authorization: 'Bearer' }, /The key is empty/],
    ['an empty x-api-key', { 'x-api-key': '' }, /The key is empty/],
    ['Basic', { authorization: 'Basic dXNlcjpwYXNz' }, /another kind than Bearer/],
    ['something else', { 'x-api-key': 'sesame' }, /no key of PredictQL/],
    ['half a key', { 'x-api-key': another.slice(0, 30) }, /not written right/],
    ['a key with a wrong checksum', { 'x-api-key': `${another}0000000` }, /not written right/],
    ['two keys', { 'x-api-key': 'a', authorization: 'Bearer b' }, /two different keys/],
    ['a token, where none are accepted', bearer('e30.e30.e30'), /no key of PredictQL/],
  ])('the answer to %s says what was expected', async (_what, headers, message) => {
    const answer = await ask(server, VIEWER, {}, { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.errors).toEqual([
      { message: expect.stringMatching(message), extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  it('the answer does not repeat what was sent', async () => {
    const { text } = await ask(server, VIEWER, {}, { headers: { 'x-api-key': 'pql_SECRETSECRET' } });
    expect(text).not.toContain('SECRET');
  });

  it('the answer comes before the body is read', async () => {
    // It cannot be parsed, and nobody gets that far.
    expect((await post(server, 'not JSON')).status).toBe(401);
  });

  it('a key with one character changed is told from one that does not exist', async () => {
    const key = server.keys['web']!;
    const typo = `${key.slice(0, 30)}${key[30] === 'a' ? 'b' : 'a'}${key.slice(31)}`;
    const errors: readonly ErrorAnswer[] = (await ask(server, VIEWER, {}, { headers: bearer(typo) })).errors;
    expect(errors[0]?.message).toMatch(/not written right/);
  });

  it.each(['/', '/playground', '/livez', '/readyz'])('%s is open', async (path) => {
    expect((await fetch(server.origin + path)).status).toBe(200);
  });
});

describe('while the server runs', () => {
  const statusWith = async (key: string): Promise<number> =>
    (await ask(server, VIEWER, {}, { headers: bearer(key) })).status;
  const messageWith = async (key: string): Promise<string | undefined> =>
    (await ask(server, VIEWER, {}, { headers: bearer(key) })).errors[0]?.message;

  it('a new key opens, and a revoked one does not', async () => {
    const key = server.changeKeys((file) => createKey(file, { name: 'passing', scopes: ['*'] }));
    await until('the key opens', async () => (await statusWith(key)) === 200);
    server.changeKeys((file) => file.revoke('passing'));
    await until('the key is refused', async () => (await statusWith(key)) === 401);
    expect(await messageWith(key)).toBe('The key is revoked.');
  });

  it('a rotated key opens beside the former for its grace, and alone without one', async () => {
    const first = server.changeKeys((file) => createKey(file, { name: 'turning', scopes: ['*'] }));
    const { key: second } = server.changeKeys((file) => file.rotate('turning', { graceMs: 600_000 }));
    await until('the new key opens', async () => (await statusWith(second)) === 200);
    expect(await statusWith(first)).toBe(200);
    const { key: third } = server.changeKeys((file) => file.rotate('turning', { graceMs: 0 }));
    await until('the newest key opens', async () => (await statusWith(third)) === 200);
    expect(await messageWith(second)).toBe('The key was rotated: use the one in its place.');
    expect(await messageWith(first)).toBe('There is no such key.');
  });

  it('a key expires by itself', async () => {
    const expiresAt = new Date(Date.now() + 700);
    const key = server.changeKeys((file) => createKey(file, { name: 'brief', scopes: ['*'], expiresAt }));
    await until('the key opens', async () => (await statusWith(key)) === 200);
    await until('the key is refused', async () => (await statusWith(key)) === 401);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime());
    expect(await messageWith(key)).toBe('The key has expired.');
  });

  it('a subscription ends when its key is revoked, with the code and the reason; others go on', async () => {
    const key = server.changeKeys((file) => createKey(file, { name: 'leaving', scopes: ['models:read'] }));
    await until('the key opens', async () => (await statusWith(key)) === 200);
    const leaving = await openSocket(server, { connectionParams: { apiKey: key } });
    const staying = await openSocket(server, { connectionParams: { apiKey: server.keys['operator']! } });
    for (const socket of [leaving, staying]) socket.start({ text: 'subscription { modelVersionChanged { cursor } }' });
    server.changeKeys((file) => file.revoke('leaving'));
    expect(await leaving.ended).toEqual({ code: 4401, reason: 'The key is revoked.' });
    expect((await staying.ask(MODELS)).errors).toEqual([]);
    await staying.close();
  });

  it('a subscription ends when its key expires', async () => {
    const expiresAt = new Date(Date.now() + 900);
    const key = server.changeKeys((file) => createKey(file, { name: 'ending', scopes: ['models:read'], expiresAt }));
    await until('the key opens', async () => (await statusWith(key)) === 200);
    const socket = await openSocket(server, { connectionParams: { apiKey: key } });
    expect(await socket.ended).toEqual({ code: 4401, reason: 'The key has expired.' });
  });
});
