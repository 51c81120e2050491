import { readdirSync } from 'node:fs';
import path from 'node:path';
import { OPERATIONS_FOLDER, readTour } from '../../src/server/pages/tour';
import { ask } from '../support/graphql';
import { startServer, type TestServer } from '../support/server';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const get = (place: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.origin}${place}`, { headers, redirect: 'manual' });

/** Sources by directive. */
function policyOf({ headers }: Response): Record<string, string> {
  const policy: Record<string, string> = {};
  for (const directive of (headers.get('content-security-policy') ?? '').split('; ')) {
    const [name = '', ...sources] = directive.split(' ');
    policy[name] = sources.join(' ');
  }
  return policy;
}

describe('/playground', () => {
  it('has a tab for each operation, in the order of the tour', async () => {
    const page = await (await get('/playground')).text();
    const tabs = [...page.matchAll(/"initialName":"([^"]+)"/g)].map(([, name]) => name);
    expect(tabs).toEqual((await readTour()).map(({ title }) => title));
    expect(tabs).toHaveLength(readdirSync(OPERATIONS_FOLDER).filter((file) => file.endsWith('.graphql')).length);
  });

  it('lets only its own scripts run, by a nonce that no two pages share', async () => {
    const responses = [await get('/playground'), await get('/playground')];
    const nonces = responses.map((response) => /^'nonce-(\S+)'/.exec(policyOf(response)['script-src'] ?? '')?.[1]);
    expect(new Set(nonces).size).toBe(2);
    for (const [index, response] of responses.entries()) {
      const scripts = (await response.text()).match(/<script[^>]*>/g) ?? [];
      expect(scripts.length).toBeGreaterThanOrEqual(3);
      for (const script of scripts) expect(script).toContain(`nonce="${nonces[index]}"`);
    }
  });

  it('names no other host in its policy, and cannot be framed', async () => {
    const policy = policyOf(await get('/playground'));
    expect(JSON.stringify(policy)).not.toMatch(/\bhttps?:|\*/);
    expect(policy).toMatchObject({ 'default-src': "'none'", 'connect-src': "'self'", 'frame-ancestors': "'none'" });
    expect(policy['script-src']).not.toContain('unsafe');
  });

  it('finds each file that its page names', async () => {
    const page = await (await get('/playground')).text();
    const files = [...page.matchAll(/(?:src|href)="((?!\/)[^"]+)"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect([file, (await get(`/playground/${file}`)).status]).toEqual([file, 200]);
  });

  it('keeps files for ever whose names change with them, and asks again for the others', async () => {
    const page = await (await get('/playground')).text();
    const chunk = /href="(chunk-[^"]+\.js)"/.exec(page)?.[1] ?? '';
    expect((await get(`/playground/${chunk}`)).headers.get('cache-control')).toContain('immutable');
    const main = await get('/playground/main.js');
    expect(main.headers.get('cache-control')).toBe('no-cache');
    const again = await get('/playground/main.js', {
      'if-none-match': main.headers.get('etag') ?? '',
      'cache-control': 'max-age=0',
    });
    expect(again.status).toBe(304);
    expect((await get('/playground')).headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    '/playground/index.html',
    // A frame that evaluates what windows of any origin send it.
    '/playground/iframe-sandbox/index.html',
    '/playground/iframe-sandbox/assets/index-DHqKSLXH.js',
    '/playground/assets',
    '/playground/assets/',
    '/playground/nothing.js',
    '/playground/..%2f..%2fpackage.json',
    '/playground/%2e%2e/%2e%2e/index.js',
    '/playground/assets/..%2f..%2f..%2findex.js',
  ])('has nothing at %s', async (place) => {
    const response = await get(place);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: expect.stringContaining('/graphql') as string });
  });
});

describe('the tour', () => {
  it('runs: each query answers with its own variables, and fails only where its text says so', async () => {
    for (const { title, query, variables } of await readTour()) {
      // Subscriptions and changes of models have tests of their own; an upload needs a file.
      if (!/^query/m.test(query) || query.includes(': Upload')) continue;
      const given = JSON.parse(variables || '{}') as Record<string, unknown>;
      const { data, errors } = await ask<Record<string, unknown>>(server, { text: query }, given);
      expect([title, errors]).toEqual([title, query.includes('its own error') ? [expect.anything()] : []]);
      expect(Object.values(data ?? {})).not.toContain(null);
    }
  });
});

describe('/graphql', () => {
  it('shows the playground to whoever opens it in a browser', async () => {
    const visit = await get('/graphql', { accept: 'text/html,application/xhtml+xml' });
    expect([visit.status, visit.headers.get('location')]).toEqual([302, '/playground']);
  });

  it('sends no program there', async () => {
    expect((await get('/graphql', { accept: 'application/json' })).status).toBe(400);
  });

  it('answers a request with a body, whatever it accepts', async () => {
    const headers = { 'content-type': 'application/json', accept: 'text/html,application/json' };
    const body = JSON.stringify({ query: '{ __typename }' });
    const response = await fetch(`${server.origin}/graphql`, { method: 'POST', headers, body, redirect: 'manual' });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('answers a query in the address, whoever asks', async () => {
    const response = await get('/graphql?query=%7B__typename%7D', {
      accept: 'text/html,application/json',
      'apollo-require-preflight': 'true',
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });
});

describe('/', () => {
  it('says what runs here, and leads on', async () => {
    const page = await (await get('/')).text();
    for (const part of ['fraud-detector', 'sentiment-analyzer', 'image-classifier', 'is live'])
      expect(page).toContain(part);
    for (const place of ['/playground', '/graphql', '/livez', '/readyz']) expect(page).toContain(`href="${place}"`);
  });

  it('is ready when /readyz says so', async () => {
    const isReady = (await get('/readyz')).ok;
    expect((await (await get('/')).text()).includes('<span class="state good">ready</span>')).toBe(isReady);
  });

  it('needs no script, and loads nothing', async () => {
    const response = await get('/');
    expect(await response.text()).not.toMatch(/<script|<link rel="stylesheet"|src=/);
    expect(policyOf(response)).toEqual({
      'default-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
      'style-src': expect.stringMatching(/^'sha256-[^']+'$/) as string,
      'img-src': 'data:',
    });
  });

  it('escapes the name under which it was asked', async () => {
    const { request } = await import('node:http');
    const page = await new Promise<string>((resolve, reject) => {
      const sent = request(server.origin, { headers: { host: 'a"><script>' } }, (response) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject);
      sent.end();
    });
    expect(page).not.toContain('<script>');
  });
});

it('every operation of the tour lies where the installed package has it', () => {
  expect(path.relative(process.cwd(), OPERATIONS_FOLDER)).toBe(path.join('schema', 'operations'));
});
