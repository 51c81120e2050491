import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { ask, codesOf, dataOf, type Answer } from '../../support/graphql';
import { asBase64, createTransaction, readPicture } from '../../support/inputs';
import { CLASSIFY_IMAGE, CLASSIFY_IMAGE_LIST, SCORE_FRAUD, type ImageAnswer } from '../../support/operations';
import { startPictureHost, type PictureHost } from '../../support/picture-host';
import { startObservedServer, type ObservedServer } from '../../support/server';
import { until } from '../../support/until';

/** The one address of this machine that the server may connect to, as if it were a public one. */
const PUBLIC = '127.0.0.1';
const MAX_BODY_BYTES = 1_000_000;
const PICTURE = readPicture('grey.jpg');

/** Where names lead to that an attacker controls, each by the reason why nothing may be fetched there. */
const INWARD: Readonly<Record<string, readonly string[]>> = {
  'this machine': ['127.0.0.2'],
  'this machine over IPv6': ['::1'],
  'this machine in the clothes of IPv6': ['::ffff:127.0.0.1'],
  'this machine in its deprecated clothes': ['::127.0.0.1'],
  'this machine through NAT64': ['64:ff9b::7f00:1'],
  'this machine through a NAT64 of our own': ['64:ff9b:1::7f00:1'],
  'this machine through 6to4': ['2002:7f00:1::1'],
  'this machine through Teredo': ['2001:0:4136:e378:8000:63bf:807f:fffe'],
  'no address in particular': ['0.0.0.0'],
  'no address in particular over IPv6': ['::'],
  'a private network of 10': ['10.0.0.5'],
  'a private network of 172': ['172.31.255.254'],
  'a private network of 192': ['192.168.1.1'],
  'a private network over IPv6': ['fd12:3456:789a::1'],
  'a neighbour on the line': ['169.254.10.10'],
  'a neighbour on the line over IPv6': ['fe80::1'],
  'a site over IPv6': ['fec0::1'],
  'what lies behind a shared address': ['100.64.0.1'],
  'the metadata of AWS, GCP and others': ['169.254.169.254'],
  'the metadata of AWS over IPv6': ['fd00:ec2::254'],
  'the metadata of Alibaba': ['100.100.100.200'],
  'the metadata of Oracle': ['192.0.0.192'],
  'the metadata of Azure': ['168.63.129.16'],
  'a group of machines': ['224.0.0.1'],
  'a group of machines over IPv6': ['ff02::1'],
  'all machines': ['255.255.255.255'],
  'addresses for measurements': ['198.18.0.1'],
  'addresses of the future': ['240.0.0.1'],
  'a public address and an inner one': [PUBLIC, '10.0.0.5'],
  'no address': [],
  'what is no address': ['localhost'],
};
const nameOf = (index: number): string => `inward-${index}.example.test`;

const UNREACHABLE = /cannot be reached over https/;

let host: PictureHost;
let server: ObservedServer;
beforeAll(async () => {
  host = await startPictureHost(['*.example.test', '*.cdn.example.test'], ({ url = '', headers }, response) =>
    (PAGES[url] ?? sendPicture)(response, headers.host ?? ''),
  );
  const inward = Object.values(INWARD).map((addresses, index) => [nameOf(index), [addresses]] as const);
  const names = {
    ...Object.fromEntries(inward),
    'images.example.test': [[PUBLIC]],
    'a.cdn.example.test': [[PUBLIC]],
    'rebinding.example.test': [[PUBLIC], ['127.0.0.2']],
    'untrusted.test': [[PUBLIC]],
    'closed.example.test': [[PUBLIC]],
  };
  const hosts = ['images', 'rebinding', ...inward.map((_, index) => `inward-${index}`)].map(
    (name) => `${name}.example.test:${host.port}`,
  );
  const own = [`*.cdn.example.test:${host.port}`, `untrusted.test:${host.port}`, 'closed.example.test:1'];
  server = await startObservedServer({
    preload: ['./test/support/own-internet.cjs'],
    settings: {
      PREDICTQL_IMAGE_HOSTS: [...hosts, ...own].join(','),
      PREDICTQL_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
      NODE_EXTRA_CA_CERTS: host.certificateFile,
      OWN_INTERNET: JSON.stringify({ names, reachable: PUBLIC }),
    },
  });
});
afterAll(async () => {
  await server.stop();
  await host.close();
  expect(server.errorOutput()).not.toMatch(/example\.test|"stack"|\n\s+at /);
});

type Page = (response: ServerResponse, host: string) => void;

const sendPicture: Page = (response) => void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(PICTURE);
const redirectTo =
  (location: string | ((host: string) => string), status = 302): Page =>
  (response, name) =>
    void response.writeHead(status, { location: typeof location === 'string' ? location : location(name) }).end();

/** What the host answers with; everything else is a picture. */
const PAGES: Readonly<Record<string, Page>> = {
  '/moved.jpg': redirectTo('/cat.jpg', 308),
  '/moved-three-times.jpg': redirectTo('/moved-twice.jpg'),
  '/moved-twice.jpg': redirectTo('/moved.jpg', 301),
  '/moved-four-times.jpg': redirectTo('/moved-three-times.jpg'),
  '/moved-for-ever.jpg': redirectTo('/moved-for-ever.jpg'),
  '/to-http': redirectTo((name) => `http://${name}/cat.jpg`),
  '/to-a-file': redirectTo('file:///etc/passwd'),
  '/to-a-number': redirectTo('https://169.254.169.254/latest/meta-data'),
  '/to-the-inside': redirectTo((name) => `https://${name.replace('images', 'inward-0')}/cat.jpg`),
  '/to-a-foreign-host': redirectTo('https://example.org/cat.jpg'),
  '/to-another-port': redirectTo('https://images.example.test:22/'),
  '/with-credentials': redirectTo((name) => `https://user:password@${name}/cat.jpg`),
  '/to-nowhere': redirectTo('https://'),
  '/without-a-direction': (response) => void response.writeHead(302).end(),
  '/missing.jpg': (response) => void response.writeHead(404).end(),
  '/broken.jpg': (response) => void response.writeHead(500, { 'content-type': 'image/jpeg' }).end(PICTURE),
  '/part.jpg': (response) => void response.writeHead(206, { 'content-type': 'image/jpeg' }).end(PICTURE),
  '/page.html': (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(PICTURE),
  '/untyped': (response) => void response.writeHead(200).end(PICTURE),
  '/drawing.svg': (response) => void response.writeHead(200, { 'content-type': 'image/svg+xml' }).end('<svg/>'),
  '/text.jpg': (response) => void response.writeHead(200, { 'content-type': 'image/jpeg' }).end('no picture'),
  '/packed.jpg': (response) =>
    void response
      .writeHead(200, { 'content-type': 'image/jpeg', 'content-encoding': 'gzip' })
      .end(gzipSync(Buffer.alloc(10_000_000))),
  '/large.jpg': (response) =>
    void response
      .writeHead(200, { 'content-type': 'image/jpeg', 'content-length': MAX_BODY_BYTES + 1 })
      .end(Buffer.alloc(MAX_BODY_BYTES + 1)),
  '/endless.jpg': (response) => {
    response.writeHead(200, { 'content-type': 'image/jpeg' });
    const send = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', send);
    send();
  },
  '/cut.jpg': (response) => {
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': PICTURE.length });
    response.write(PICTURE.subarray(0, 100), () => response.destroy());
  },
  '/silent.jpg': () => undefined,
  '/slow.jpg': (response) => {
    response.writeHead(200, { 'content-type': 'image/jpeg' });
    response.write(PICTURE.subarray(0, 100));
  },
};

const at = (path: string, name = 'images.example.test'): string => `https://${name}:${host.port}${path}`;
const fetchFrom = (url: string): Promise<Answer<{ readonly classifyImage: ImageAnswer | null }>> =>
  ask(server, CLASSIFY_IMAGE, { input: { image: { url } } });

/** Sent beside a prediction of a well-behaved client, which keeps its answer. */
async function expectRefusal(url: string, code: string, says: RegExp): Promise<void> {
  const neighbour = ask(server, SCORE_FRAUD, { input: createTransaction() });
  const answer = await fetchFrom(url);
  expect(codesOf(answer)).toEqual([code]);
  expect(answer.errors[0]!.message).toMatch(says);
  expect(answer.text).not.toMatch(/example\.test|example\.org|passwd|user:|169\.254|127\.0/);
  expect((await neighbour).errors).toEqual([]);
}

describe('a picture by its address', () => {
  it.each(['/cat.jpg', '/moved.jpg', '/moved-three-times.jpg'])('is fetched from an allowed host: %s', async (path) => {
    const { classifyImage } = dataOf(await fetchFrom(at(path)));
    const sent = dataOf(await ask(server, CLASSIFY_IMAGE, { input: { image: asBase64(PICTURE) } })).classifyImage!;
    expect(classifyImage!.labels).toEqual(sent.labels);
    expect(classifyImage!.image).toEqual(sent.image);
  });

  it('is fetched from a name below one that is allowed with all below it', async () => {
    dataOf(await fetchFrom(at('/cat.jpg', 'a.cdn.example.test')));
  });

  it('is counted in the time of its prediction and in its preprocessing', async () => {
    const { timing } = dataOf(await fetchFrom(at('/cat.jpg'))).classifyImage!;
    expect(timing.preprocessMs).toBeGreaterThan(0);
    expect(timing.totalMs).toBeGreaterThanOrEqual(timing.preprocessMs);
  });

  it('that cannot be fetched costs its neighbours in the list nothing', async () => {
    const inputs = [{ url: at('/cat.jpg') }, { url: at('/missing.jpg') }, asBase64(PICTURE)];
    const { data, errors } = await ask(server, CLASSIFY_IMAGE_LIST, { inputs: inputs.map((image) => ({ image })) });
    expect(data!.classifyImageList!.map((answer) => answer !== null)).toEqual([true, false, true]);
    expect(errors.map(({ path, extensions }) => [path, extensions?.code])).toEqual([
      [['classifyImageList', 1], 'BAD_USER_INPUT'],
    ]);
    expect(errors[0]!.extensions!.fields![0]!.path).toBe('inputs.1.image.url');
  });
});

describe('an address', () => {
  it.each([
    ['of http', 'http://images.example.test/cat.jpg'],
    ['of a file', 'file:///etc/passwd'],
    ['that holds its data itself', 'data:image/png;base64,iVBORw0KGgo='],
    ['of ftp', 'ftp://images.example.test/cat.jpg'],
    ['of gopher', 'gopher://127.0.0.1:6379/_INFO'],
    ['of a script', 'javascript:alert(1)'],
  ])('%s is refused', (_what, url) => expectRefusal(url, 'BAD_USER_INPUT', /begins with https:\/\//));

  it.each([
    ['127.0.0.1'],
    ['127.1'],
    ['2130706433'],
    ['0x7f000001'],
    ['0177.0.0.01'],
    ['0'],
    ['[::1]'],
    ['[::ffff:127.0.0.1]'],
    ['[::ffff:7f00:1]'],
    ['169.254.169.254'],
    ['[fd00:ec2::254]'],
    ['１２７.0.0.1'],
    ['8.8.8.8'],
  ])('with the number %s in place of a name is refused', (number) =>
    expectRefusal(`https://${number}:${host.port}/cat.jpg`, 'BAD_USER_INPUT', /name of a host, not its number/),
  );

  it.each([
    ['a name of this machine', () => at('/', 'localhost')],
    ['a name of metadata', () => at('/computeMetadata/v1/', 'metadata.google.internal')],
    ['a host that is not allowed', () => 'https://example.org/cat.jpg'],
    ['an allowed host in front of a foreign one', () => at('/', 'images.example.test.evil.test')],
    ['an allowed host behind a foreign one', () => at('/', 'evil-images.example.test')],
    ['an allowed host with a dot behind it', () => at('/', 'images.example.test.')],
    ['an allowed host behind a backslash', () => `https://evil.test\\@images.example.test:${host.port}/`],
    ['an allowed host behind a hash', () => `https://evil.test#@images.example.test:${host.port}/`],
    ['the name of which only what is below it is allowed', () => at('/', 'cdn.example.test')],
    ['another port of an allowed host', () => 'https://images.example.test:22/'],
    ['the usual port where another is allowed', () => 'https://images.example.test/'],
  ])('of %s is refused', (_what, url) => expectRefusal(url(), 'BAD_USER_INPUT', /none of those that pictures/));

  it.each([
    ['a user name', () => `https://user@images.example.test:${host.port}/`],
    ['a user name and a password', () => `https://user:password@images.example.test:${host.port}/`],
    ['an allowed host as the user of a foreign one', () => 'https://images.example.test@evil.test/'],
  ])('with %s is refused', (_what, url) => expectRefusal(url(), 'BAD_USER_INPUT', /without a user name/));

  it('of more than 2,048 characters is refused', () =>
    expectRefusal(at(`/${'a'.repeat(2_048)}`), 'BAD_USER_INPUT', /at most 2048 characters/));
});

describe('an allowed name', () => {
  it.each(Object.keys(INWARD).map((what, index) => [what, index] as const))(
    'that leads to %s is refused, without a connection',
    async (_what, index) => {
      const before = host.requests.length;
      await expectRefusal(at('/cat.jpg', nameOf(index)), 'BAD_USER_INPUT', UNREACHABLE);
      expect(host.requests.length).toBe(before);
    },
  );

  it('that leads elsewhere the second time is asked for its address once, and then again', async () => {
    const url = at('/cat.jpg', 'rebinding.example.test');
    const before = host.requests.length;
    dataOf(await fetchFrom(url));
    expect(host.requests.length).toBe(before + 1);
    await expectRefusal(url, 'BAD_USER_INPUT', UNREACHABLE);
    expect(host.requests.length).toBe(before + 1);
  });

  it.each([
    ['has no certificate for its name', () => at('/cat.jpg', 'untrusted.test')],
    ['takes no connection', () => 'https://closed.example.test:1/cat.jpg'],
    ['cuts the connection off', () => at('/cut.jpg')],
  ])('that %s is refused with the same words', (_what, url) => expectRefusal(url(), 'BAD_USER_INPUT', UNREACHABLE));
});

describe('a redirect', () => {
  it.each([
    ['to http', '/to-http', /begins with https/],
    ['to a file', '/to-a-file', /begins with https/],
    ['to a number', '/to-a-number', /name of a host/],
    ['to a name that leads inside', '/to-the-inside', UNREACHABLE],
    ['to a foreign host', '/to-a-foreign-host', /none of those/],
    ['to another port', '/to-another-port', /none of those/],
    ['with credentials', '/with-credentials', /without a user name/],
    ['to what is no address', '/to-nowhere', /what is no address/],
    ['after three others', '/moved-four-times.jpg', /more than 3 times/],
    ['to itself', '/moved-for-ever.jpg', /more than 3 times/],
  ])('%s is refused', (_what, path, says) => expectRefusal(at(path), 'BAD_USER_INPUT', says));
});

describe('an answer', () => {
  const refused = (says: RegExp) => ['BAD_USER_INPUT', says] as const;
  const noPicture = (says: RegExp) => ['UNSUPPORTED_IMAGE', says] as const;
  const tooLarge = ['PAYLOAD_TOO_LARGE', /at most 1000000 bytes/] as const;
  it.each([
    ['of 404', '/missing.jpg', ...refused(/status 404/)],
    ['of 500', '/broken.jpg', ...refused(/status 500/)],
    ['of a part', '/part.jpg', ...refused(/status 206/)],
    ['of another type', '/page.html', ...noPicture(/leads to no picture/)],
    ['of no type', '/untyped', ...noPicture(/leads to no picture/)],
    ['of a drawing', '/drawing.svg', ...noPicture(/leads to no picture/)],
    ['of a text called a picture', '/text.jpg', ...noPicture(/not a picture/)],
    ['of ten megabytes packed into a few', '/packed.jpg', ...noPicture(/not a picture/)],
    ['that says that it is too large', '/large.jpg', ...tooLarge],
    ['that does not end', '/endless.jpg', ...tooLarge],
  ])('%s is refused', (_what, path, code, says) => expectRefusal(at(path), code, says));

  it.each(['/silent.jpg', '/slow.jpg'])('that does not come is waited for 5 seconds: %s', async (path) => {
    await expectRefusal(at(path), 'BAD_USER_INPUT', /did not come within 5000 ms/);
  });

  it('that does not come is waited for no longer than the prediction may take', async () => {
    const input = { image: { url: at('/silent.jpg') } };
    const answer = await ask(server, CLASSIFY_IMAGE, { input, options: { timeoutMs: 100 } });
    expect(codesOf(answer)).toEqual(['DEADLINE_EXCEEDED']);
    await until('the connection is given up', async () => (await host.connections()) === 0);
  });

  it('that nobody waits for any more is given up at once, and its place is free', async () => {
    const client = new AbortController();
    const input = { image: { url: at('/slow.jpg') } };
    const options = { timeoutMs: 60_000 };
    const request = ask(server, CLASSIFY_IMAGE, { input, options }, { signal: client.signal });
    await until('the picture is being fetched', async () => (await host.connections()) === 1);
    expect((await server.facts()).admitted).toBe(1);
    const leftAt = performance.now();
    client.abort();
    await expect(request).rejects.toThrow('aborted');
    await until('the connection is given up', async () => (await host.connections()) === 0);
    expect(performance.now() - leftAt).toBeLessThan(4_000);
    expect((await server.facts()).admitted).toBe(0);
  });
});
