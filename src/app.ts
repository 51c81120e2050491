import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config';
import { createImageDownload, type DownloadNetwork } from './downloads/download-image';
import { ProcessPool } from './engines/onnx/process-pool';
import { EventFeed, type EventFeedOptions } from './events/event-feed';
import { EventLog, type EventLogOptions } from './events/event-log';
import { createApolloServer } from './graphql/apollo-server';
import { createErrorFormatter } from './graphql/client-errors';
import { DocumentCache } from './graphql/document-cache';
import { KnownOperations } from './graphql/known-operations';
import { createOperationGuards } from './graphql/operation-guards';
import { createValidationRules } from './graphql/validation-rules';
import { createSchema } from './graphql/schema';
import { Authentication } from './guards/authenticate';
import { createForeignGuard, requireSafeAddress } from './guards/foreign';
import { KeyRing } from './guards/key-ring';
import { createTokenVerifier } from './guards/token-verifier';
import { CallerLimits } from './guards/caller-limits';
import { ViewerResolver } from './guards/viewer.resolver';
import { TrustedDocuments } from './guards/trusted-documents';
import type { Logger } from './observability/logger';
import { Metrics } from './observability/metrics/metrics';
import { observeAll } from './observability/observer';
import { PredictionLog } from './observability/prediction-log/prediction-log';
import { predictionFileIn } from './observability/prediction-log/prediction-store';
import { ThreadedWriter } from './observability/prediction-log/threaded-writer';
import { createRequestLog } from './observability/request-log';
import { traceReadings } from './observability/tracing/trace-readings';
import type { Tracing } from './observability/tracing/tracing';
import { Admission } from './prediction/admission';
import type { MeasuredMs } from './prediction/cost';
import { Dispatcher } from './prediction/dispatcher';
import { EarlyRefusal } from './prediction/early-refusal';
import { createVersionPreparation } from './prediction/golden-gate';
import { PredictionField } from './prediction/prediction-field';
import { Predictor, type PredictorOptions } from './prediction/predictor';
import type { AnyTask } from './prediction/task';
import { BackgroundChecksums } from './registry/background-checksums';
import { createDiskStore } from './registry/disk-store';
import { ModelMutationResolver } from './registry/model-mutation.resolver';
import { createVersionPubSub, ModelVersionEventResolver } from './registry/model-version-event.resolver';
import { ModelResolver } from './registry/model.resolver';
import { Registry } from './registry/registry';
import { VersionEvents } from './registry/version-events';
import { SCHEMA_CLASSES } from './schema-classes';
import { Health } from './server/health';
import { clientAddressOf } from './server/client-address';
import { createHttpServer } from './server/http';
import { limitsOf } from './server/limits';
import { listenForScrapes } from './server/metrics-endpoint';
import { readingsOf } from './server/state-readings';
import { createTurns } from './server/turns';
import { GraphQLWebSocketServer } from './server/websocket';
import { withTimeLimit } from './server/time-limit';
import { createTasks } from './tasks';

/** Connections that wait to be taken: where there is no room, a client tries again only after a second, and then three. */
const LISTEN_BACKLOG = 4_096;

/** What a stopping server waits for a collector, beside ending its engines. Milliseconds. */
const FLUSH_LIMIT_MS = 1_500;

export type App = Awaited<ReturnType<typeof createApp>>;

/** Parts that someone who measures or embeds the server may bring along. */
export interface AppParts {
  /** Left out: the predictor that asks the models. */
  readonly createPredictor?: (options: PredictorOptions) => Predictor;
  /** Left out: the internet, of which only public addresses are connected to. */
  readonly downloadNetwork?: DownloadNetwork;
  /** Left out: as many events are kept, and subscribers may be as far behind, as the defaults say. */
  readonly eventLimits?: EventLogOptions & Pick<EventFeedOptions, 'maxBehind'>;
}

/** Puts the server together, in the order in which a prediction passes through it. */
export async function createApp(config: Config, log: Logger, parts: AppParts = {}) {
  const { createPredictor = (options: PredictorOptions) => new Predictor(options), downloadNetwork } = parts;
  const { eventLimits } = parts;
  const callerLimits = new CallerLimits(config.callerLimits);

  const keys = new KeyRing(config.dataDir, log);
  const { tokens, allowedOrigins } = config;
  const verifyToken = tokens && createTokenVerifier({ ...tokens, log });
  const authentication = new Authentication({ mode: config.auth, keys, verifyToken });
  requireSafeAddress(config.host, authentication.access);
  const refuseForeign = createForeignGuard({ allowedOrigins, access: () => authentication.access });
  const { trustedProxies } = config;
  const clientAddress = (request: IncomingMessage): string => clientAddressOf(request, trustedProxies);
  const access = { refuseForeign, identify: authentication.identify, clientAddress };

  const downloadImage = createDownload(config, downloadNetwork);
  const tasks = createTasks({
    maxImagePixels: config.maxImagePixels,
    maxImageBytes: config.maxBodyBytes,
    downloadImage,
  });
  const metrics = new Metrics({
    isLoaded: (model, version) => registry.findModel(model)?.versions.get(version)?.isLoaded ?? false,
  });
  const { logSlowMs: slowMs, logAddresses: addresses } = config;
  const tracing = await startTracing(config, log);
  metrics.add(traceReadings(tracing?.counts));
  const predictionLog = createPredictionLog(config, log, tasks.list);
  metrics.add(PredictionLog.readings(predictionLog));
  const observer = observeAll([
    metrics.observer,
    createRequestLog({ log, slowMs, addresses }),
    ...(tracing ? [tracing.observer] : []),
    ...(predictionLog ? [predictionLog.observer] : []),
  ]);
  const feed = new EventFeed({ log: EventLog.open(config.dataDir, eventLimits), appLog: log, ...eventLimits });
  const engine = createEngine(config, log, { folder: path.join(config.dataDir, 'optimized-graphs') });
  const registry: Registry = new Registry({
    store: createDiskStore({
      folder: config.modelsDir,
      cacheFolder: path.join(config.dataDir, 'graphs'),
      pollMs: config.pollMs,
      log,
      checksums: new BackgroundChecksums(),
    }),
    engine,
    prepare: createVersionPreparation({ tasks: tasks.list, engine }),
    requiredTasks: config.requiredTasks,
    feed,
    log,
  });
  const events = new VersionEvents(feed, registry);
  const admission = new Admission(config.maxQueue);
  const dispatcher = new Dispatcher({ engine, log, observer, charge: (owner, ms) => callerLimits.charge(owner, ms) });
  const { defaultTimeoutMs } = config;
  const predictor = createPredictor({ registry, dispatcher, admission, defaultTimeoutMs, observer });

  const field = new PredictionField(predictor);
  const schema = createSchema({
    classes: SCHEMA_CLASSES,
    instances: [
      ...tasks.createResolvers(field),
      new ModelResolver(registry),
      new ModelVersionEventResolver(events),
      new ModelMutationResolver(registry, events),
      new ViewerResolver((caller) => limitsOf(config, callerLimits.of(caller))),
    ],
    pubSub: createVersionPubSub(events),
  });
  const { introspection, maxQueryCost } = config;
  const trusted = config.trustedDocuments ? TrustedDocuments.read(config.trustedDocuments) : undefined;
  const measuredMs: MeasuredMs = (task) => dispatcher.turns.slowestMsPerRow(registry.liveFor(task));
  const formatError = createErrorFormatter(log, observer, { hidesSchema: !introspection });
  const documents = new DocumentCache();
  const operations = {
    schema,
    validationRules: createValidationRules({ introspection }),
    guards: createOperationGuards({ maxQueryCost, measuredMs, trusted }),
    formatError,
    trusted,
    documents,
  };
  const known = new KnownOperations(trusted);
  const apollo = createApolloServer({ ...operations, known });
  await apollo.start();

  const obstacles = (): readonly string[] => registry.obstacles;
  const health = new Health({ obstacles });
  const pages = { models: () => registry.models, obstacles, access: () => authentication.access };
  const earlyRefusal = new EarlyRefusal({
    largeInputs: tasks.largeInputs.name,
    registry,
    predictor,
    admission,
    defaultTimeoutMs,
  });
  const { maxBodyBytes } = config;
  const requestLimits = { callerLimits, earlyRefusal, known, turns: createTurns(admission) };
  const http = await createHttpServer({
    apollo,
    formatError,
    health,
    pages,
    maxBodyBytes,
    access,
    allowedOrigins,
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    trustedProxies,
    requestLimits,
    observer,
    metrics: config.metricsPort === undefined ? metrics : undefined,
  });
  const maxMessageBytes = maxBodyBytes;
  const websocket = new GraphQLWebSocketServer({
    ...operations,
    http: http.server,
    maxMessageBytes,
    messagesPerSecond: config.messagesPerSecond,
    access,
    requestLimits,
    observer,
  });

  const { version } = config;
  metrics.add(readingsOf({ registry, engine, admission, dispatcher, feed, documents, websocket, version }));
  let scrapes: FastifyInstance | undefined;

  return {
    schema,
    engine,
    registry,
    feed,
    dispatcher,
    admission,
    authentication,
    metrics,

    /** Listens, and then loads the models: until they are ready, requests are told so. */
    async start(): Promise<AddressInfo> {
      await http.listen({ host: config.host, port: config.port, backlog: LISTEN_BACKLOG });
      if (config.metricsPort !== undefined) scrapes = await listenForScrapes(metrics, config.metricsPort);
      await registry.start();
      return http.server.address() as AddressInfo;
    },

    /** Takes nothing new, answers what was accepted, closes sockets with their reason, and ends the engines. */
    async close(): Promise<void> {
      health.stop();
      const drained = Promise.all([http.close(), websocket.close()]);
      if (!(await withTimeLimit(drained, config.drainTimeoutMs))) {
        log.warn({ drainTimeoutMs: config.drainTimeoutMs }, 'requests cut off');
        http.server.closeAllConnections();
        await websocket.closeNow();
      }
      const traced = tracing && withTimeLimit(tracing.close(), FLUSH_LIMIT_MS);
      await apollo.stop();
      await scrapes?.close();
      await registry.stop();
      await engine.close();
      await predictionLog?.close();
      feed.close();
      keys.close();
      await traced;
    },
  };
}

/** OpenTelemetry is loaded by those who want it. */
async function startTracing({ tracing: settings, version }: Config, log: Logger): Promise<Tracing | undefined> {
  if (!settings) return undefined;
  const { createTracing } = await import('./observability/tracing/tracing.js');
  return createTracing({ settings, version, log });
}

/** The engine processes that the settings ask for; `processes` in their place where fewer will do. */
export function createEngine(
  config: Config,
  log: Logger,
  { folder, processes = config.engines }: { readonly folder: string; readonly processes?: number },
): ProcessPool {
  return new ProcessPool({
    processes,
    folder,
    threads: config.engineThreads,
    runTimeoutMs: config.engineRunTimeoutMs,
    loadTimeoutMs: config.engineLoadTimeoutMs,
    maxResidentBytes: config.engineMemoryMb * 2 ** 20,
    log,
  });
}

function createDownload({ imageHosts: hosts, maxBodyBytes: maxBytes }: Config, network?: DownloadNetwork) {
  return hosts.length === 0 ? undefined : createImageDownload({ hosts, maxBytes, ...(network && { network }) });
}

function createPredictionLog(
  { predictionLog: settings, dataDir }: Config,
  log: Logger,
  tasks: readonly AnyTask[],
): PredictionLog | undefined {
  if (!settings) return undefined;
  const { share, keepsInput, maxBytes } = settings;
  return new PredictionLog({
    writer: new ThreadedWriter({ file: predictionFileIn(dataDir), maxBytes }),
    log,
    share,
    keepsInput,
    tasks: new Map(tasks.map(({ name, logged = {} }) => [name, logged])),
  });
}
