import { once } from 'node:events';
import { connect } from 'node:net';
import { ask, codesOf, graphqlUrl, post, upload, type Answer } from '../support/graphql';
import { asBase64, createTransaction, pictureInput, readFixture, readPicture } from '../support/inputs';
import {
  ANALYZE_SENTIMENT,
  ANALYZE_SENTIMENT_LIST,
  CLASSIFY_IMAGE,
  CLASSIFY_IMAGE_LIST,
  SCORE_FRAUD,
  SCORE_FRAUD_LIST,
} from '../support/operations';
import { enginesOf } from '../support/processes';
import { startServer, type TestServer } from '../support/server';

/** What stands in every bad input, and must not stand in what comes back. */
const SECRET = 'secret4711';

let server: TestServer;
let engineIds: number[];
beforeAll(async () => {
  // A busy machine takes long for a text, and its lists cost more than one request may.
  server = await startServer({ settings: { PREDICTQL_MAX_QUERY_COST: '100000' } });
  engineIds = engineIdsOf(server);
});
/** Nothing of all this is a fault of the server, so nothing is logged as one. */
afterAll(async () => {
  expect(engineIdsOf(server)).toEqual(engineIds);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.errorOutput()).not.toMatch(/"stack"|\n\s+at /);
  expect(server.log().filter(({ level }) => level >= 40)).toEqual([]);
});

interface Expected {
  readonly code: string;
  readonly status: number;
  /** What the sentence must tell. */
  readonly says: RegExp;
  /** Paths of the faults. */
  readonly at?: readonly string[];
}

/** Sends what is bad beside a request that is not, whose answer it must not cost. */
async function expectRefusal(request: () => Promise<Answer<unknown>>, expected: Expected): Promise<void> {
  const [answer, neighbour] = await Promise.all([request(), ask(server, SCORE_FRAUD, { input: createTransaction() })]);
  expect(neighbour.errors).toEqual([]);
  expect({ codes: codesOf(answer), status: answer.status }).toEqual({
    codes: [expected.code],
    status: expected.status,
  });
  const [error] = answer.errors;
  expect(error!.message).toMatch(expected.says);
  expect(answer.text).not.toContain(SECRET);
  expect(answer.text.length).toBeLessThan(2_000);
  if (expected.at) expect(error!.extensions?.fields?.map(({ path }) => path)).toEqual(expected.at);
}

const fraud = (changes: Record<string, unknown>) => () =>
  ask(server, SCORE_FRAUD, { input: createTransaction(changes) });
const text = (value: string) => () => ask(server, ANALYZE_SENTIMENT, { input: { text: value } });
const image = (value: unknown) => () => ask(server, CLASSIFY_IMAGE, { input: { image: value } });
const document = (body: string) => () => ask(server, { text: body });
const inputError = (says: RegExp, ...at: string[]): Expected => ({ code: 'BAD_USER_INPUT', status: 200, says, at });
const invalid = (says: RegExp): Expected => ({ code: 'GRAPHQL_VALIDATION_FAILED', status: 400, says });

type Case = [what: string, request: () => Promise<Answer<unknown>>, expected: Expected];

describe('a picture', () => {
  const unsupported = (says: RegExp): Expected => ({ code: 'UNSUPPORTED_IMAGE', status: 200, says });
  const { refused } = readFixture('images') as { readonly refused: readonly { file: string; note: string }[] };
  const sentences = /Send a (JPEG, PNG, WebP or GIF|smaller one)\.|Send it whole\./;

  it.each(refused.filter(({ file }) => file !== 'bad/empty.bin').map(({ file, note }) => [file, note] as const))(
    'as base64: %s (%s) is refused',
    (file) => expectRefusal(image(asBase64(readPicture(file))), unsupported(sentences)),
  );

  it.each(refused.map(({ file, note }) => [file, note] as const))('as an upload: %s (%s) is refused', (file) =>
    expectRefusal(uploadOf(readPicture(file)), unsupported(sentences)),
  );

  it('with too many pixels is told how many are read', () =>
    expectRefusal(
      image(asBase64(readPicture('bad/bomb.png'))),
      unsupported(/30000 × 30000 pixels; at most 50000000 are read/),
    ));

  it.each<Case>([
    [
      'that is no base64',
      image({ base64: `${SECRET}!!! ${SECRET}` }),
      inputError(/Expected base64/, 'input.image.base64'),
    ],
    ['that is an empty text', image({ base64: '' }), inputError(/Expected base64/, 'input.image.base64')],
    [
      'that is a data: address without data',
      image({ base64: 'data:image/png;base64,' }),
      inputError(/Expected base64/, 'input.image.base64'),
    ],
    [
      'by an address',
      image({ url: `https://example.org/${SECRET}` }),
      inputError(/as base64 or as an upload/, 'input.image.url'),
    ],
    [
      'from two sources at once',
      image({ base64: SECRET, url: 'https://example.org' }),
      invalid(/Exactly one key must be/),
    ],
    ['from no source', image({}), invalid(/Exactly one key must be/)],
    ['from a source that is null', image({ base64: null }), invalid(/Field "base64" must be non-null/)],
    ['that is a number', image({ base64: 4711 }), invalid(/\$input\.image\.base64: Expected a value of type String/)],
    ['as an upload without a file', image({ upload: SECRET }), invalid(/\$input\.image\.upload/)],
    [
      'for which too many labels are asked',
      () => ask(server, CLASSIFY_IMAGE, { input: { ...pictureInput('grey.jpg'), topK: 101, minConfidence: 1.5 } }),
      inputError(/Expected 1 to 100\..*Expected 0 to 1\./, 'input.topK', 'input.minConfidence'),
    ],
  ])('%s is refused', (_what, request, expected) => expectRefusal(request, expected));
});

describe('a text', () => {
  it.each<Case>([
    ['that is empty', text(''), inputError(/not blank/, 'input.text')],
    ['of white space', text(' \n\t\u00a0\u3000'), inputError(/not blank/, 'input.text')],
    ['of control characters', text('\u0000\u0007\u001b\u0085'), inputError(/not blank/, 'input.text')],
    ['of characters that show nothing', text('\u200b\u200d\ufeff\u2060'), inputError(/not blank/, 'input.text')],
    ['of 20,000 characters', text(SECRET.repeat(2_000)), inputError(/at most 10000 characters/, 'input.text')],
    [
      'with half of a surrogate pair',
      () => rawSentiment(`"${SECRET} \\ud800 and more"`),
      inputError(/well-formed Unicode/, 'input.text'),
    ],
    [
      'with the halves of a pair swapped',
      () => rawSentiment('"fine \\ude00\\ud83d"'),
      inputError(/well-formed/, 'input.text'),
    ],
    ['that is a number', () => rawSentiment('4711'), invalid(/\$input\.text: Expected a value of type String!/)],
    ['that is null', () => rawSentiment('null'), invalid(/\$input\.text/)],
    [
      'that is missing',
      () => ask(server, ANALYZE_SENTIMENT, { input: {} }),
      invalid(/"text" of required type "String!"/),
    ],
    [
      'beside a field that there is none of',
      () => ask(server, ANALYZE_SENTIMENT, { input: { text: 'Fine.', txet: SECRET } }),
      invalid(/"txet" is not defined/),
    ],
  ])('%s is refused', (_what, request, expected) => expectRefusal(request, expected));

  it('of 10,000 characters, or with control characters among others, is answered', async () => {
    for (const value of ['fine '.repeat(2_000), 'Fine.\u0000\u0007 \ud83d\ude00'])
      expect((await text(value)()).errors).toEqual([]);
  });
});

describe('a transaction', () => {
  const { customer, terminal } = createTransaction() as {
    customer: Record<string, object>;
    terminal: Record<string, object>;
  };
  const expected = (says: RegExp, ...at: string[]) => inputError(says, ...at);

  it.each<Case>([
    ['of a negative amount', fraud({ amount: -4711.5 }), expected(/over 0/, 'input.amount')],
    ['of an amount of 0', fraud({ amount: 0 }), expected(/over 0/, 'input.amount')],
    [
      'of an amount beyond what a float holds',
      () => rawFraud({ amount: 0 }, '"amount":0', '"amount":1e300'),
      expected(/at most 1000000000000/, 'input.amount'),
    ],
    [
      'of an infinite amount',
      () => rawFraud({ amount: 0 }, '"amount":0', '"amount":1e999'),
      invalid(/\$input\.amount: Expected a value of type Float!/),
    ],
    [
      'of an infinite amount in the document',
      document(fraudDocument('1e999')),
      expected(/at most 1000000000000/, 'input.amount'),
    ],
    [
      'of an amount that is not a number in the document',
      document(fraudDocument('NaN')),
      invalid(/Float cannot represent/),
    ],
    ['of an amount in words', fraud({ amount: SECRET }), invalid(/\$input\.amount: Expected a value of type Float!/)],
    [
      'on 31 February',
      fraud({ occurredAt: '2018-02-31T10:00' }),
      invalid(/\$input\.occurredAt: Expected a day that exists/),
    ],
    ['at 24:00', fraud({ occurredAt: '2018-02-28T24:00' }), invalid(/midnight is 00:00 of the next day/)],
    ['with a time zone', fraud({ occurredAt: '2018-02-28T10:00:00Z' }), invalid(/clock time without zone/)],
    ['at a time in words', fraud({ occurredAt: SECRET }), invalid(/such as 2018-07-20T15:00/)],
    [
      'with half a transaction before it',
      fraud({ customer: { ...customer, last1Day: { transactions: 0.5, averageAmount: 3 } } }),
      invalid(/\$input\.customer\.last1Day\.transactions: Expected a value of type Int!/),
    ],
    [
      'with more transactions than an Int holds',
      fraud({ customer: { ...customer, last30Days: { transactions: 4_000_000_000, averageAmount: 3 } } }),
      invalid(/last30Days\.transactions: Expected a value of type Int!/),
    ],
    [
      'with a longer window that holds less',
      fraud({ customer: { ...customer, last7Days: { transactions: 1, averageAmount: 3 } } }),
      expected(/at least as many transactions as in last1Day/, 'input.customer.last7Days'),
    ],
    [
      'with an average of no transactions',
      fraud({ customer: { ...customer, last1Day: { transactions: 0, averageAmount: 4711.5 } } }),
      expected(/Expected 0, since there are no/, 'input.customer.last1Day.averageAmount'),
    ],
    [
      'with a share above 1',
      fraud({ terminal: { ...terminal, last1Day: { transactions: 1, fraudShare: 1.5 } } }),
      expected(/Expected 0 to 1/, 'input.terminal.last1Day.fraudShare'),
    ],
    [
      'with several faults is told all of them at once, and',
      fraud({ amount: -1, terminal: { ...terminal, last1Day: { transactions: -1, fraudShare: 2 } } }),
      expected(
        /over 0.*0 or more.*0 to 1/,
        'input.amount',
        'input.terminal.last1Day.transactions',
        'input.terminal.last1Day.fraudShare',
      ),
    ],
    [
      'of which several values have the wrong type',
      fraud({ amount: SECRET, occurredAt: SECRET }),
      invalid(/\$input\.amount: .*\$input\.occurredAt: /),
    ],
  ])('%s is refused', (_what, request, refusal) => expectRefusal(request, refusal));
});

describe('options', () => {
  const withOptions = (options: unknown) => () => ask(server, SCORE_FRAUD, { input: createTransaction(), options });
  it.each<Case>([
    [
      'that name an unknown version',
      withOptions({ version: { version: '4711' } }),
      { code: 'VERSION_NOT_FOUND', status: 200, says: /has no version 4711\..*Ready: 2, 1\./ },
    ],
    [
      'that name a role nobody has',
      withOptions({ version: { alias: 'CANARY' } }),
      { code: 'VERSION_NOT_FOUND', status: 200, says: /canary.*Ready: 2, 1\./ },
    ],
    [
      'that name an unknown model',
      withOptions({ model: SECRET }),
      { code: 'MODEL_NOT_FOUND', status: 200, says: /There is "fraud-detector"\./ },
    ],
    [
      'that name a model of another task',
      withOptions({ model: 'sentiment-analyzer' }),
      { code: 'MODEL_NOT_FOUND', status: 200, says: /There is "fraud-detector"\./ },
    ],
    [
      'that name a version by what is no name',
      withOptions({ version: { version: `../${SECRET}` } }),
      inputError(/letters, digits, dots and hyphens/, 'options.version.version'),
    ],
    [
      'with a version and a role',
      withOptions({ version: { version: '1', alias: 'LIVE' } }),
      invalid(/Exactly one key must be/),
    ],
    [
      'with a role that there is none of',
      withOptions({ version: { alias: SECRET } }),
      invalid(/Expected one of LIVE, PREVIOUS, CANARY, SHADOW/),
    ],
    ['with no time at all', withOptions({ timeoutMs: 0 }), inputError(/1 to 60000 milliseconds/, 'options.timeoutMs')],
    [
      'with too much time',
      withOptions({ timeoutMs: 60_001 }),
      inputError(/1 to 60000 milliseconds/, 'options.timeoutMs'),
    ],
    [
      'with a long key',
      withOptions({ stickyKey: SECRET.repeat(30) }),
      inputError(/at most 256 characters/, 'options.stickyKey'),
    ],
  ])('%s are refused', (_what, request, expected) => expectRefusal(request, expected));
});

describe('a list', () => {
  const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
  const tooMany = inputError(/Expected 1 to 100 items; there are 101\./, 'inputs');
  const tooFew = inputError(/Expected 1 to 100 items; there are 0\./, 'inputs');
  const tiny = pictureInput('one-pixel.png');
  it.each<Case>([
    ['of 0 pictures', () => ask(server, CLASSIFY_IMAGE_LIST, { inputs: [] }), tooFew],
    ['of 101 pictures', () => ask(server, CLASSIFY_IMAGE_LIST, { inputs: times(101, tiny) }), tooMany],
    ['of 0 texts', () => ask(server, ANALYZE_SENTIMENT_LIST, { inputs: [] }), tooFew],
    ['of 101 texts', () => ask(server, ANALYZE_SENTIMENT_LIST, { inputs: times(101, { text: 'Fine.' }) }), tooMany],
    ['of 0 transactions', () => ask(server, SCORE_FRAUD_LIST, { inputs: [] }), tooFew],
    ['of 101 transactions', () => ask(server, SCORE_FRAUD_LIST, { inputs: times(101, createTransaction()) }), tooMany],
    [
      'with an item of the wrong type',
      () => ask(server, ANALYZE_SENTIMENT_LIST, { inputs: [{ text: 'Fine.' }, { text: 4711 }] }),
      invalid(/\$inputs\.1\.text: Expected a value of type String!/),
    ],
    [
      'with an item that is null',
      () => ask(server, ANALYZE_SENTIMENT_LIST, { inputs: [{ text: 'Fine.' }, null] }),
      invalid(/\$inputs\.1: /),
    ],
    [
      'of many wrong items, all in one sentence,',
      () => ask(server, SCORE_FRAUD_LIST, { inputs: times(100, SECRET) }),
      invalid(/\$inputs\.0: /),
    ],
  ])('%s is refused', (what, request, expected) =>
    what.startsWith('of many') ? expectShortRefusal(request) : expectRefusal(request, expected),
  );

  /** 100 faults would make a long answer; 50 are told. */
  async function expectShortRefusal(request: () => Promise<Answer<unknown>>): Promise<void> {
    const { errors, status, text: body } = await request();
    expect(status).toBe(400);
    expect(errors[0]!.extensions!.fields).toHaveLength(50);
    expect(body).not.toContain(SECRET);
  }
});

describe('a request', () => {
  const json = (body: string, headers?: Record<string, string>) => () => post(server, body, headers ? { headers } : {});
  const parseFailed = (says: RegExp): Expected => ({ code: 'GRAPHQL_PARSE_FAILED', status: 400, says });
  const badRequest = (says: RegExp): Expected => ({ code: 'BAD_REQUEST', status: 400, says });
  const tooLarge: Expected = { code: 'PAYLOAD_TOO_LARGE', status: 413, says: /at most 16777216 bytes\. Send less/ };
  const FIFTY_MEGABYTES = 50 << 20;
  const PREFLIGHT = { 'apollo-require-preflight': 'true' };

  it.each<Case>([
    ['of broken JSON', json(`{"query": "${SECRET}`), parseFailed(/not valid JSON\. Send \{"query"/)],
    [
      'with NaN in its JSON',
      json('{"query":"{ viewer { name } }","variables":{"amount":NaN}}'),
      parseFailed(/not valid JSON/),
    ],
    ['with no body', json(''), parseFailed(/not valid JSON/)],
    ['that is a list of operations', json('[{"query":"{ viewer { name } }"}]'), badRequest(/batching/i)],
    ['that is null', json('null'), badRequest(/./)],
    ['without a query', json('{"variables":{}}'), badRequest(/query/)],
    [
      'whose variables are a text',
      json(`{"query":"{ viewer { name } }","variables":"${SECRET}"}`),
      badRequest(/variables/),
    ],
    ['with a syntax error', document('{ viewer {'), parseFailed(/Syntax Error/)],
    [
      'whose input names a prototype',
      json(
        `{"query":"query ($input: SentimentInput!) { sentiment(input: $input) { label } }","variables":{"input":{"text":"Fine.","__proto__":{"text":"${SECRET}"}}}}`,
      ),
      invalid(/"__proto__" is not defined/),
    ],
    [
      'with a syntax error beside a value',
      document(`{ sentiment(input: { text: "a" "${SECRET}" }) { label } }`),
      parseFailed(/found String/),
    ],
    ['for a field that there is none of', document('{ weather }'), invalid(/Cannot query field "weather"/)],
    [
      'with a value of the wrong type',
      document(`{ fraudScoreList(inputs: "${SECRET}") { id } }`),
      invalid(/FraudScoreInput/),
    ],
    ['of more than 1,000 tokens', document(`{ ${'models { name } '.repeat(400)} }`), parseFailed(/token/i)],
    [
      'of two operations without a name',
      document('query a { viewer { name } } query b { viewer { name } }'),
      { code: 'GRAPHQL_VALIDATION_FAILED', status: 400, says: /operation/i },
    ],
    [
      'of another content type',
      json('{ viewer { name } }', { 'content-type': 'application/xml' }),
      badRequest(/application\/json/),
    ],
    [
      'as a form of a foreign page',
      json('query={viewer{name}}', { 'content-type': 'application/x-www-form-urlencoded' }),
      badRequest(/application\/json/),
    ],
    [
      'as plain text of a foreign page',
      json('{"query":"{ viewer { name } }"}', { 'content-type': 'text/plain' }),
      badRequest(/./),
    ],
    ['of 50 MB', () => postLarge(FIFTY_MEGABYTES), tooLarge],
    ['with a file of 50 MB', uploadOf(Buffer.alloc(FIFTY_MEGABYTES)), tooLarge],
    [
      'with a file that its map names and that does not come',
      uploadWithoutFile,
      inputError(/Expected a file in the multipart request/, 'input.image.upload'),
    ],
    [
      'for a subscription',
      document('subscription { modelVersionChanged { kind } }'),
      badRequest(/answered over WebSocket .* on the same path/),
    ],
    [
      'of parts without their boundary',
      json(`--a\r\n${SECRET}\r\n--a--`, { 'content-type': 'multipart/form-data; boundary=b', ...PREFLIGHT }),
      badRequest(/cannot be read\. Send it whole, with its boundary/),
    ],
    [
      'of parts of a boundary that is empty',
      json(SECRET, { 'content-type': 'multipart/form-data; boundary=', ...PREFLIGHT }),
      badRequest(/cannot be read/),
    ],
    ['with a map of nothing', uploadWithoutMap, badRequest(/map/i)],
    [
      'with 101 files',
      () => uploadMany(101),
      { code: 'PAYLOAD_TOO_LARGE', status: 413, says: /at most 100 files\. Send several requests/ },
    ],
    [
      'of parts without operations',
      () => post(server, new FormData(), { headers: { 'apollo-require-preflight': 'true' } }),
      badRequest(/operations/),
    ],
  ])('%s is refused', (_what, request, expected) => expectRefusal(request, expected));

  it('of 50 MB is told so to a client that reads nothing before it has sent all', async () => {
    const { hostname, port } = new URL(server.origin);
    const socket = connect(Number(port), hostname);
    const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
    socket.write(`${head}content-length: ${FIFTY_MEGABYTES}\r\n\r\n`);
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.write(Buffer.alloc(FIFTY_MEGABYTES, 'a'), (error) => (error ? reject(error) : resolve()));
    });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 [^]*PAYLOAD_TOO_LARGE/);
    socket.destroy();
  });

  it('that names prototypes where nobody looks for them changes nothing', async () => {
    const poison = `{"__proto__":{"name":"${SECRET}"},"constructor":{"prototype":{"name":"${SECRET}"}},"query":"{ viewer { name } }","variables":{"__proto__":{"name":"${SECRET}"}}}`;
    const { data, text } = await post(server, poison);
    expect(data).toEqual({ viewer: { name: null } });
    expect(text).not.toContain(SECRET);
  });

  it('that does not say how long it is and does not end is cut off', async () => {
    const part = Buffer.alloc(1 << 20, 'a');
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += part.length;
        // An end, far beyond the limit, so that a server that takes it all does not take for ever.
        if (sent > 4 * FIFTY_MEGABYTES) controller.close();
        else controller.enqueue(sent === part.length ? Buffer.from(FORM_HEAD) : part);
      },
    });
    const headers = { 'content-type': 'multipart/form-data; boundary=x', 'apollo-require-preflight': 'true' };
    const request = { method: 'POST', headers, body: endless, duplex: 'half' as const };
    await expect(fetch(graphqlUrl(server), request)).rejects.toThrow('fetch failed');
    expect(sent).toBeLessThan(4 * FIFTY_MEGABYTES);
  });

  it('by GET is answered only with a header that foreign pages cannot send', async () => {
    const address = `${graphqlUrl(server)}?query=${encodeURIComponent('{ viewer { limits { maxListItems } } }')}`;
    const simple = await fetch(address);
    expect(simple.status).toBe(400);
    expect(await simple.text()).toMatch(/apollo-require-preflight/);
    const preflighted = await fetch(address, { headers: { 'apollo-require-preflight': 'true' } });
    expect(preflighted.status).toBe(200);
    expect(await preflighted.json()).toMatchObject({ data: { viewer: { limits: { maxListItems: 100 } } } });
  });

  it('to an unknown route is told where the API is', async () => {
    const response = await fetch(`${server.origin}/${SECRET}`);
    expect(response.status).toBe(404);
    expect(await response.text()).toMatch(/The API is at \/graphql\./);
  });
});

/** The parts before a file, and the head of that. */
const FORM_HEAD = [
  '--x',
  'content-disposition: form-data; name="operations"',
  '',
  JSON.stringify({ query: CLASSIFY_IMAGE.text, variables: { input: { image: { upload: null } } } }),
  '--x',
  'content-disposition: form-data; name="map"',
  '',
  '{"0":["variables.input.image.upload"]}',
  '--x',
  'content-disposition: form-data; name="0"; filename="endless.jpg"',
  '',
  '',
].join('\r\n');

function rawSentiment(json: string): Promise<Answer<unknown>> {
  return post(server, `{"query":${JSON.stringify(ANALYZE_SENTIMENT.text)},"variables":{"input":{"text":${json}}}}`);
}

/** What JSON.stringify would not write. */
function rawFraud(changes: Record<string, unknown>, search: string, replacement: string): Promise<Answer<unknown>> {
  const body = JSON.stringify({ query: SCORE_FRAUD.text, variables: { input: createTransaction(changes) } });
  return post(server, body.replace(search, replacement));
}

function fraudDocument(amount: string): string {
  const spending = '{ transactions: 1, averageAmount: 1 }';
  const risk = '{ transactions: 1, fraudShare: 0 }';
  const windows = (of: string): string => `{ last1Day: ${of}, last7Days: ${of}, last30Days: ${of} }`;
  return `{ fraudScore(input: { amount: ${amount}, occurredAt: "2018-02-28T10:00",
    customer: ${windows(spending)}, terminal: ${windows(risk)} }) { id } }`;
}

function uploadOf(bytes: Buffer): () => Promise<Answer<unknown>> {
  const variables = { input: { image: { upload: null } } };
  return () => upload(server, CLASSIFY_IMAGE, { variables, files: { 'variables.input.image.upload': bytes } });
}

function uploadForm(map: string): FormData {
  const form = new FormData();
  const variables = { input: { image: { upload: null } } };
  form.set('operations', JSON.stringify({ query: CLASSIFY_IMAGE.text, variables }));
  form.set('map', map);
  return form;
}

function uploadWithoutFile(): Promise<Answer<unknown>> {
  const headers = { 'apollo-require-preflight': 'true' };
  return post(server, uploadForm('{"0":["variables.input.image.upload"]}'), { headers });
}

function uploadWithoutMap(): Promise<Answer<unknown>> {
  return post(server, uploadForm('not json'), { headers: { 'apollo-require-preflight': 'true' } });
}

function uploadMany(count: number): Promise<Answer<unknown>> {
  const places = Array.from({ length: count }, (_, index) => `variables.inputs.${index}.image.upload`);
  return upload(server, CLASSIFY_IMAGE_LIST, {
    variables: { inputs: places.map(() => ({ image: { upload: null } })) },
    files: Object.fromEntries(places.map((place) => [place, readPicture('one-pixel.png')])),
  });
}

function postLarge(bytes: number): Promise<Answer<unknown>> {
  return post(server, `{"query":"${'a'.repeat(bytes)}"}`);
}

function engineIdsOf({ pid }: TestServer): number[] {
  return enginesOf(pid).map((engine) => engine.pid);
}
