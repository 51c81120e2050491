import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ClassifyUploadDocument,
  CompareVersionsDocument,
  createPredictQLClient,
  FraudReasonsDocument,
  PredictQLError,
  PromoteModelVersionDocument,
  RollbackModelDocument,
  SentimentDocument,
  SentimentsDocument,
  WatchVersionsDocument,
  type ClientOptions,
  type FraudReasonsQueryVariables,
  type PredictQLClient,
} from '../../src/client';
import { OPERATIONS_FOLDER } from '../../src/server/pages/tour';
import { readPicture } from '../support/inputs';
import { createKey, freePort, ROOT, startServer, type TestServer } from '../support/server';
import { AUDIENCE, ISSUER, startTokenIssuer, type TokenIssuer } from '../support/token-issuer';
import { until } from '../support/until';

let server: TestServer;
let client: PredictQLClient;
beforeAll(async () => {
  server = await startServer();
  client = createPredictQLClient({ url: `${server.origin}/graphql` });
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

function variablesOf(operation: string): unknown {
  return JSON.parse(readFileSync(path.join(OPERATIONS_FOLDER, `${operation}.variables.json`), 'utf8'));
}

async function errorOf(promise: Promise<unknown>): Promise<PredictQLError> {
  const outcome = await promise.then(
    (value) => value,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(PredictQLError);
  return outcome as PredictQLError;
}

describe('requests', () => {
  it('get typed answers of every task', async () => {
    const { sentiment } = await client.request(SentimentDocument, { text: 'It works perfectly.' });
    expect(sentiment).toMatchObject({ label: 'POSITIVE', truncated: false });
    const given = variablesOf('fraud-reasons') as FraudReasonsQueryVariables;
    const { fraudScore } = await client.request(FraudReasonsDocument, { ...given, first: 2 });
    expect(fraudScore?.reasons).toHaveLength(2);
    const compared = await client.request(CompareVersionsDocument, { ...given, one: '1', other: '2' });
    expect([compared.one?.servedBy.version, compared.other?.servedBy.version]).toEqual(['1', '2']);
  });

  it('upload files that stand among the variables', async () => {
    const bytes = readPicture('progressive.jpg');
    const { classifyImage } = await client.request(ClassifyUploadDocument, { image: new Blob([bytes]) });
    expect(classifyImage?.image).toMatchObject({ format: 'jpeg', bytes: bytes.length });
    expect(classifyImage?.labels).toHaveLength(5);
  });

  it('throw all faults of an input at once, as objects', async () => {
    const given = variablesOf('fraud-reasons') as FraudReasonsQueryVariables;
    const transaction = { ...given.transaction, amount: -1, occurredAt: '2026-11-21T03:24:00' };
    const { code, fields } = await errorOf(client.request(FraudReasonsDocument, { transaction }));
    expect(code).toBe('BAD_USER_INPUT');
    expect(fields.map((field) => field.path)).toEqual(['input.amount']);
  });

  it('give the answers of a list beside the error of one item', async () => {
    const texts = [{ text: 'Good.' }, { text: ' ' }];
    const { data, errors } = await client.settle(SentimentsDocument, { texts });
    expect(data?.sentimentList).toEqual([expect.objectContaining({ confidence: expect.any(Number) as number }), null]);
    expect(errors).toMatchObject([{ path: ['sentimentList', 1], extensions: { code: 'BAD_USER_INPUT' } }]);
    const error = await errorOf(client.request(SentimentsDocument, { texts }));
    expect(error.data).toMatchObject({ sentimentList: [{}, null] });
  });

  it('say what is wrong with a document and with a place where no server is', async () => {
    expect(await errorOf(client.request('{ nothing }'))).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      status: 400,
    });
    const lost = createPredictQLClient({ url: 'http://127.0.0.1:9/graphql' });
    expect(await errorOf(lost.request('{ __typename }'))).toMatchObject({ code: 'NETWORK_ERROR' });
  });
});

describe('subscriptions', () => {
  const model = 'fraud-detector';

  it('tell what is live, and then each change', async () => {
    const seen: string[] = [];
    for await (const { modelVersionChanged } of client.subscribe(WatchVersionsDocument, { model })) {
      const { kind, version } = modelVersionChanged;
      seen.push(`${kind} ${version}`);
      if (kind === 'CURRENT') await client.request(PromoteModelVersionDocument, { input: { model, version: '1' } });
      if (kind === 'PROMOTED') await client.request(RollbackModelDocument, { input: { model } });
      if (kind === 'ROLLED_BACK') break;
    }
    expect(seen).toEqual(['CURRENT 2', 'PROMOTED 1', 'ROLLED_BACK 2']);
  });

  it('go on after the last event when the server is killed and comes back', async () => {
    const settings = {
      PORT: String(await freePort()),
      PREDICTQL_DATA_DIR: mkdtempSync(path.join(tmpdir(), 'predictql-client-')),
    };
    const url = `http://127.0.0.1:${settings.PORT}/graphql`;
    let restarted = await startServer({ settings });
    const own = createPredictQLClient({ url });
    const seen: string[] = [];
    try {
      for await (const { modelVersionChanged } of own.subscribe(WatchVersionsDocument, { model })) {
        const { kind, version } = modelVersionChanged;
        if (['CURRENT', 'PROMOTED', 'ROLLED_BACK'].includes(kind)) seen.push(`${kind} ${version}`);
        if (kind === 'CURRENT') await own.request(PromoteModelVersionDocument, { input: { model, version: '1' } });
        if (kind === 'PROMOTED') {
          restarted.kill('SIGKILL');
          await restarted.exit;
          restarted = await startServer({ settings });
          await own.request(RollbackModelDocument, { input: { model } });
        }
        if (kind === 'ROLLED_BACK') break;
      }
    } finally {
      await own.close();
      await restarted.stop();
      rmSync(settings.PREDICTQL_DATA_DIR, { recursive: true });
    }
    expect(seen).toEqual(['CURRENT 2', 'PROMOTED 1', 'ROLLED_BACK 2']);
  });

  it("throw the server's error", async () => {
    const results = client.subscribe(WatchVersionsDocument, { after: 'no cursor' });
    expect(await errorOf(results.next())).toMatchObject({ code: 'CURSOR_INVALID' });
  });

  it("end with the signal's reason", async () => {
    const controller = new AbortController();
    const results = client.subscribe(WatchVersionsDocument, { model }, { signal: controller.signal });
    await results.next();
    const next = results.next();
    controller.abort(new Error('The user left.'));
    await expect(next).rejects.toThrow('The user left.');
  });
});

describe('with a key', () => {
  let closed: TestServer;
  let issuer: TokenIssuer;
  const opened: PredictQLClient[] = [];

  beforeAll(async () => {
    issuer = await startTokenIssuer();
    closed = await startServer({
      keys: [{ name: 'web', scopes: ['*'] }],
      settings: {
        PREDICTQL_JWKS_URL: issuer.jwksUrl,
        PREDICTQL_JWT_ISSUER: ISSUER,
        PREDICTQL_JWT_AUDIENCE: AUDIENCE,
      },
    });
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
    await closed.stop();
    await issuer.close();
  });

  function createOwn(apiKey?: ClientOptions['apiKey']): PredictQLClient {
    const own = createPredictQLClient({ url: `${closed.origin}/graphql`, ...(apiKey !== undefined && { apiKey }) });
    opened.push(own);
    return own;
  }

  it.each([
    ['as a text', () => closed.keys['web']!],
    ['from a function', () => () => closed.keys['web']!],
    ['from a promise', () => () => Promise.resolve(closed.keys['web']!)],
    ['that is a token', () => () => issuer.issue()],
  ])('given %s, requests and subscriptions are answered', async (_what, apiKey) => {
    const own = createOwn(apiKey());
    expect(await own.request<object, object>('{ viewer { name } }')).toMatchObject({ viewer: {} });
    const { value } = await own.subscribe(WatchVersionsDocument, { model: 'fraud-detector' }).next();
    expect(value?.modelVersionChanged.kind).toBe('CURRENT');
  });

  it.each([
    ['missing', undefined],
    ['wrong', 'pql_x'],
    ['wrong, from a function', () => 'pql_x'],
  ])('that is %s, requests and subscriptions fail at once with a code', async (_what, apiKey) => {
    const own = createOwn(apiKey);
    expect(await errorOf(own.request('{ viewer { name } }'))).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    const refused = await errorOf(own.subscribe(WatchVersionsDocument, { after: 'x' }).next());
    expect(refused).toMatchObject({ code: 'UNAUTHENTICATED', message: expect.stringContaining('4401') });
  });

  it('that is revoked, a subscription ends with a code and is not tried for ever', async () => {
    const key = closed.changeKeys((file) => createKey(file, { name: 'leaver', scopes: ['models:read'] }));
    let asked = 0;
    const own = createOwn(() => {
      asked++;
      return key;
    });
    const results = own.subscribe(WatchVersionsDocument, { model: 'fraud-detector' });
    await until('the key opens', async () => (await own.settle('{ models { name } }').catch(() => null)) !== null);
    await results.next();
    const before = asked;
    const next = errorOf(results.next());
    closed.changeKeys((file) => file.revoke('leaver'));
    expect(await next).toMatchObject({ code: 'UNAUTHENTICATED' });
    // Another key might have been had, so it was asked for: once.
    expect(asked).toBe(before + 1);
  });

  it('that is a token, a subscription outlives it and misses nothing', async () => {
    let tokens = 0;
    const own = createOwn(() => {
      tokens++;
      // The server is lenient for five seconds after the end.
      return issuer.issue({ expiresIn: -2, claims: { scope: 'models:read' } });
    });
    const promoter = createOwn(closed.keys['web']);
    let connections = 0;
    for await (const { modelVersionChanged } of own.subscribe(WatchVersionsDocument, { model: 'fraud-detector' })) {
      const { kind, version, actor } = modelVersionChanged;
      // Each connection begins with it, as long as nothing else was told.
      if (kind === 'CURRENT' && ++connections > 1) {
        const input = { model: 'fraud-detector', version: version === '1' ? '2' : '1' };
        await promoter.request(PromoteModelVersionDocument, { input });
      }
      if (kind !== 'PROMOTED') continue;
      expect(actor).toBe('web');
      break;
    }
    expect(tokens).toBeGreaterThan(1);
  });
});

describe('predictql/client', () => {
  const program = `
    const client = createPredictQLClient({ url: process.argv[1] });
    client.request(SentimentDocument, { text: 'Good.' }).then(async ({ sentiment }) => {
      for await (const { modelVersionChanged } of client.subscribe(WatchVersionsDocument, { model: 'fraud-detector' })) {
        console.log(sentiment.label, modelVersionChanged.kind, new PredictQLError('No.').name);
        break;
      }
      await client.close();
    });`;
  const names = '{ createPredictQLClient, PredictQLError, SentimentDocument, WatchVersionsDocument }';

  it.each([
    ['ESM', 'module', `import ${names} from 'predictql/client';`],
    ['CommonJS', 'commonjs', `const ${names} = require('predictql/client');`],
  ])('loads and works in %s', (_what, type, load) => {
    // The package finds itself by its own name, through the "exports" its users meet.
    const args = [`--input-type=${type}`, '--eval', load + program, `${server.origin}/graphql`];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['POSITIVE CURRENT PredictQLError\n', '']);
  });

  it('loads nothing of the server', () => {
    const list = "console.log(Object.keys(require.cache).join('\\n'))";
    const args = ['--input-type=commonjs', '--eval', `require('predictql/client'); ${list}`];
    const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    const own = stdout.split('\n').filter((file) => file.startsWith(path.join(ROOT, 'dist')));
    expect(own.length).toBeGreaterThan(5);
    for (const file of own) expect(file).toContain(path.join('dist', 'client'));
    expect(stdout).not.toMatch(/node_modules[\\/](graphql|fastify|onnxruntime-node|ws)[\\/]/);
  });
});
