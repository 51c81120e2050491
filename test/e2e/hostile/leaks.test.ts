import { rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { ask, codesOf, dataOf, post, upload } from '../../support/graphql';
import { asBase64, createTransaction, pictureInput } from '../../support/inputs';
import { ANALYZE_SENTIMENT, CLASSIFY_IMAGE, SCORE_FRAUD } from '../../support/operations';
import { ROOT, startServer, type TestServer } from '../../support/server';
import { until } from '../../support/until';
import { MODEL, VersionFolders } from '../../support/version-folders';
import { LIST_VERSIONS } from '../../support/version-operations';

/** What stands in inputs and keys, and must stand nowhere else. */
const SECRET = 'secret4711';
/** Files of this machine, traces, and what the server is made of, wherever it is not told on purpose. */
const INSIDE = [
  /\n\s+at \S+ \(|\.(ts|js):\d+:\d+|node:internal/,
  new RegExp([ROOT, homedir() === '/' ? ROOT : homedir()].map((text) => text.replaceAll('.', '\\.')).join('|')),
  /node_modules|\/dist\/|predictql-(data|versions)-|graphs\//,
  /onnxruntime|libvips|fastify|apollo-server|libsql|SQLITE|chokidar|busboy|undici/i,
  /\bnode(\.js)?[ /]v?\d+\.\d+/i,
];

/** Three models take their time where the machine is busy. */
const START_LIMIT_MS = 180_000;

let folders: VersionFolders;
let server: TestServer;
beforeAll(async () => {
  folders = new VersionFolders(['1', '2']);
  folders.addShipped('image-classifier');
  folders.addShipped('sentiment-analyzer');
  server = await startServer({ settings: { PREDICTQL_MODELS_DIR: folders.models, PREDICTQL_LOG_LEVEL: 'debug' } });
}, START_LIMIT_MS);
afterAll(async () => {
  await server.stop();
  folders[Symbol.dispose]();
});

interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A path exactly as it stands: `fetch` would make another of it. */
function request(route: string, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
  return new Promise((resolve, reject) => {
    get(new URL(server.origin), { path: route, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    }).on('error', reject);
  });
}

function expectNothingOfInside(text: string): void {
  for (const pattern of INSIDE) expect(text).not.toMatch(pattern);
}

const ROUTES = [
  '/',
  '/livez',
  '/readyz',
  '/metrics',
  '/playground',
  '/graphql',
  '/graphql?query=%7Bviewer%7Bname%7D%7D',
];
const WAYS_TO = (file: string): string[] => [
  `/${file}`,
  `/../${file}`,
  `/./../${file}`,
  `/%2e%2e/${file}`,
  `/%2e%2e%2f${file.replaceAll('/', '%2f')}`,
  `/..%5c${file}`,
  `/playground/../${file}`,
  `/playground/../../../${file}`,
  `/playground/%2e%2e/%2e%2e/${file}`,
  `/playground/..%2f..%2f${file}`,
  `/playground/%252e%252e/${file}`,
  `/playground/${file}%00.js`,
  `/graphql/../${file}`,
  `//${file}`,
  `/static/${file}`,
];
const FILES = [
  `models/${MODEL}/2/model.onnx`,
  `models/${MODEL}/2/manifest.json`,
  `${MODEL}/2/model.onnx`,
  'package.json',
  'dist/main.js',
  'src/app.ts',
  '.git/HEAD',
  '.env',
  '.predictql/events.db',
  'etc/passwd',
];

describe('a route', () => {
  it.each(ROUTES)('tells nothing of what is inside: %s', async (route) => {
    const { text, headers } = await request(route, { accept: 'text/html' });
    expectNothingOfInside(text);
    expectNothingOfInside(JSON.stringify(headers));
  });

  it.each(ROUTES)('says by no header what answers it: %s', async (route) => {
    const { headers } = await request(route);
    for (const name of ['server', 'x-powered-by', 'via', 'x-runtime']) expect(headers[name]).toBeUndefined();
    // Prometheus' text format names its own version.
    const told = JSON.stringify(headers).replace('version=0.0.4', '');
    expect(told).not.toMatch(/fastify|apollo|node|express|\bv?\d+\.\d+\.\d+\b/i);
  });

  it.each(FILES)('leads to no file, whichever way it is asked for: %s', async (file) => {
    for (const way of WAYS_TO(file)) {
      const { status, text } = await request(way);
      expect({ way, status: status === 404 || status === 400 }).toEqual({ way, status: true });
      expect(text.length).toBeLessThan(500);
      expectNothingOfInside(text);
    }
  });
});

describe('an error', () => {
  const headers = { 'apollo-require-preflight': 'true' };
  it.each<[string, () => Promise<{ readonly text: string; readonly status: number }>]>([
    ['of the document', () => ask(server, { text: `{ sentiment(input: { text: "${SECRET}" "x" }) { label } }` })],
    ['of a field', () => ask(server, { text: `{ viewer { nam } }` })],
    ['of variables', () => ask(server, SCORE_FRAUD, { input: { amount: SECRET } })],
    ['of an input', () => ask(server, SCORE_FRAUD, { input: createTransaction({ amount: -1 }) })],
    ['of a picture', () => ask(server, CLASSIFY_IMAGE, { input: { image: asBase64(Buffer.from(SECRET)) } })],
    [
      'of a version',
      () => ask(server, SCORE_FRAUD, { input: createTransaction(), options: { version: { version: '7' } } }),
    ],
    ['of an address', () => request(`/${SECRET}/%ff`)],
    ['of JSON', () => post(server, `{"query": "${SECRET}`)],
    ['of JSON with a prototype', () => post(server, `{"__proto__": {"${SECRET}": 1}}`)],
    ['of a type', () => post(server, SECRET, { headers: { 'content-type': 'text/csv' } })],
    ['of an encoding', () => post(server, '{}', { headers: { 'content-type': 'application/json; charset=x' } })],
    [
      'of a form',
      () => post(server, SECRET, { headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' } }),
    ],
    [
      'of a key',
      () => post(server, '{"query":"{ viewer { name } }"}', { headers: { 'x-api-key': `${SECRET}\u00e9` } }),
    ],
    [
      'of a file',
      () =>
        upload(server, CLASSIFY_IMAGE, {
          variables: { input: { image: { upload: null } } },
          files: { [SECRET]: Buffer.from('x') },
        }),
    ],
  ])('tells nothing of what is inside, and not what was sent: %s', async (_what, send) => {
    const { text, status } = await send();
    expect(status).toBeLessThan(500);
    expectNothingOfInside(text);
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(hostname());
  });
});

describe('what is told of a version that failed', () => {
  it.each<[string, (folder: string) => void]>([
    ['a broken graph', (folder) => writeFileSync(path.join(folder, 'model.onnx'), 'no model')],
    ['a missing graph', (folder) => rmSync(path.join(folder, 'model.onnx'))],
    ['a broken manifest', (folder) => writeFileSync(path.join(folder, 'manifest.json'), '{"model": ')],
    ['missing golden examples', (folder) => rmSync(path.join(folder, 'golden.json'))],
  ])('names no file outside of its own: %s', async (_what, damage) => {
    folders.add('9', damage);
    const find = async () => {
      const { models } = dataOf(await ask(server, LIST_VERSIONS));
      return models.flatMap(({ versions }) => versions).find(({ version }) => version === '9');
    };
    await until('it has failed', async () => (await find())?.phase === 'FAILED');
    const text = JSON.stringify(await find());
    expect(text).not.toContain(folders.root);
    for (const pattern of INSIDE.slice(0, 3)) expect(text).not.toMatch(pattern);
    folders.remove('9');
    await until('it is gone', async () => (await find()) === undefined);
  });
});

describe('the log', () => {
  it('holds no input, no key and no picture, whatever becomes of a request', async () => {
    const key = `pql_${SECRET}_abcdefghijklmnop`;
    const headers = { 'x-api-key': key, authorization: `Bearer ${key}`, cookie: `session=${SECRET}` };
    const picture = pictureInput('grey.jpg');
    const codes = [
      await ask(server, ANALYZE_SENTIMENT, { input: { text: SECRET } }, { headers }),
      await ask(server, ANALYZE_SENTIMENT, { input: { text: `${SECRET}\ud800` } }, { headers }),
      await ask(server, SCORE_FRAUD, { input: { amount: SECRET } }, { headers }),
      await ask(server, CLASSIFY_IMAGE, { input: picture, options: { stickyKey: SECRET } }, { headers }),
      await post(server, SECRET, { headers }),
    ].flatMap((answer) => codesOf(answer));
    expect(codes).not.toContain('INTERNAL_SERVER_ERROR');
    expect(server.errorOutput()).not.toContain(SECRET);
    expect(server.errorOutput()).not.toContain(picture.image.base64.slice(0, 60));
  });
});
