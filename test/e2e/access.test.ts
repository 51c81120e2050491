import type { FastifyInstance } from 'fastify';
import type { GraphQLField, GraphQLSchema } from 'graphql';
import { RequestContext } from '../../src/context';
import { AppError } from '../../src/errors';
import { createApolloServer } from '../../src/graphql/apollo-server';
import { createErrorFormatter } from '../../src/graphql/client-errors';
import { CallerLimits } from '../../src/guards/caller-limits';
import { Metrics } from '../../src/observability/metrics/metrics';
import { UNOBSERVED } from '../../src/observability/observer';
import { Health } from '../../src/server/health';
import { createHttpServer } from '../../src/server/http';
import { createTurns } from '../../src/server/turns';
import { createCaller } from '../support/caller';
import { createOwnSchema } from '../support/own-schema';
import { silentLog } from '../support/silent-log';

/** Who may ask each route. What a new one needs is decided here, by whoever adds it. */
const ROUTES = {
  'GET /': 'open',
  'GET /livez': 'open',
  'GET /readyz': 'open',
  'GET /metrics': 'metrics:read',
  'GET /playground': 'open',
  'GET /playground/': 'open',
  'GET /playground/<file>': 'open',
  'GET /graphql': 'caller',
  'POST /graphql': 'caller',
  'OPTIONS /graphql': 'caller',
};

/** The scope each root field needs; `caller`: none, but a key. */
const FIELDS = {
  'Query.classifyImage': 'predict:classify-image',
  'Query.classifyImageList': 'predict:classify-image',
  'Query.sentiment': 'predict:sentiment',
  'Query.sentimentList': 'predict:sentiment',
  'Query.fraudScore': 'predict:fraud-score',
  'Query.fraudScoreList': 'predict:fraud-score',
  'Query.models': 'models:read',
  'Query.model': 'models:read',
  'Query.modelVersionEvents': 'models:read',
  'Query.viewer': 'caller',
  'Mutation.promoteModelVersion': 'models:write',
  'Mutation.rollbackModel': 'models:write',
  'Mutation.loadModelVersion': 'models:write',
  'Mutation.unloadModelVersion': 'models:write',
  'Subscription.modelVersionChanged': 'models:read',
};

describe('every route', () => {
  let app: FastifyInstance;

  beforeAll(async () => {
    app = await createServer();
  });
  afterAll(() => app.close());

  it('says who may ask it', async () => {
    await app.ready();
    const found = [...app.accessByRoute()]
      .filter(([route]) => !route.startsWith('HEAD '))
      .map(([route, access]) => [route.replace(/^(GET \/playground\/).+$/, '$1<file>'), access]);
    expect(Object.fromEntries(found)).toEqual(ROUTES);
  });

  it('is among those listed', () => {
    // What browsers ask before they send anything carries no key, and is answered before anybody is asked for one.
    const routes = app.printRoutes({ commonPrefix: false }).replace('* (OPTIONS)', '');
    const printed = [...routes.matchAll(/\(([A-Z, ]+)\)/g)];
    const methods = printed.flatMap(([, list = '']) => list.split(', '));
    expect(methods.length).toBeGreaterThan(10);
    expect(app.accessByRoute().size).toBe(methods.length);
  });

  it('is closed to strangers unless it is open', async () => {
    for (const [route, access] of Object.entries(ROUTES).filter(([name]) => !name.includes('<'))) {
      const [method, url] = route.split(' ') as ['GET', string];
      const { statusCode } = await app.inject({ method, url, headers: { host: 'localhost' } });
      expect([route, statusCode === 401]).toEqual([route, access !== 'open']);
    }
  });

  it('that does not say so keeps the server from starting', async () => {
    const other = await createServer();
    other.get('/forgotten', () => 'everything');
    await expect(other.ready()).rejects.toThrow('It is not said who may ask GET /forgotten, HEAD /forgotten.');
  });
});

describe('every root field', () => {
  const schema = createOwnSchema();
  const fields = rootFields(schema);

  it('names the scope it needs', async () => {
    const needed = await Promise.all(
      fields.map(async ([name, field]) => [name, (await refusalOf(field, []))?.extensions['scope'] ?? 'caller']),
    );
    expect(Object.fromEntries(needed)).toEqual(FIELDS);
  });

  it('is open to whoever has that scope, and to nobody who has all others', async () => {
    const scopes = [...new Set(Object.values(FIELDS))].filter((scope) => scope !== 'caller');
    for (const [name, field] of fields) {
      const needed = FIELDS[name as keyof typeof FIELDS];
      if (needed === 'caller') continue;
      const others = scopes.filter((scope) => scope !== needed);
      expect([name, await refusalOf(field, [needed])]).toEqual([name, undefined]);
      expect([name, (await refusalOf(field, others))?.code]).toEqual([name, 'FORBIDDEN']);
    }
  });
});

async function createServer(): Promise<FastifyInstance> {
  const formatError = createErrorFormatter(silentLog);
  const apollo = createApolloServer({ schema: createOwnSchema(), guards: [], validationRules: [], formatError });
  await apollo.start();
  return createHttpServer({
    apollo,
    formatError,
    health: new Health({ obstacles: () => [] }),
    pages: { models: () => [], obstacles: () => [], access: () => 'keys' },
    maxBodyBytes: 1_000,
    access: {
      refuseForeign: () => undefined,
      clientAddress: () => '127.0.0.1',
      identify: () => Promise.reject(new AppError('UNAUTHENTICATED', 'Nobody is let in here.')),
    },
    allowedOrigins: [],
    maxConnectionsPerAddress: 1,
    trustedProxies: [],
    requestLimits: {
      callerLimits: new CallerLimits({}),
      earlyRefusal: { ofSize: () => undefined, ofTasks: () => undefined },
      known: { tasksOf: () => undefined, remember: () => undefined },
      turns: createTurns({ inUse: 0 }),
    },
    observer: UNOBSERVED,
    metrics: new Metrics({ isLoaded: () => false }),
  });
}

type RootField = GraphQLField<unknown, RequestContext>;

function rootFields(schema: GraphQLSchema): [string, RootField][] {
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return types.flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map((field): [string, RootField] => [`${type!.name}.${field.name}`, field]),
  );
}

/** What a field answers to a caller with some scopes, before it does anything; undefined where it would begin. */
async function refusalOf({ resolve, subscribe }: RootField, scopes: readonly string[]): Promise<AppError | undefined> {
  const context = new RequestContext(createCaller({ scopes }));
  try {
    await (subscribe ?? resolve)?.(undefined, {}, context, {} as never);
  } catch (error) {
    // Without services and arguments each fails for another reason, which is not asked here.
    return error instanceof AppError && error.code === 'FORBIDDEN' ? error : undefined;
  }
  return undefined;
}
