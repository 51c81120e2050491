import { only, type Reading } from '../observability/metrics/reading';
import type { EngineProcessStatus } from '../engines/onnx/process-pool';
import { readResidentBytes } from '../engines/onnx/resident-memory';
import type { EventFeed } from '../events/event-feed';
import type { DocumentCache } from '../graphql/document-cache';
import type { Admission } from '../prediction/admission';
import type { Dispatcher } from '../prediction/dispatcher';
import type { Model } from '../registry/model';
import type { ModelVersion } from '../registry/model-version';
import type { GraphQLWebSocketServer } from './websocket';

/** What is read of the running server when somebody asks; its services count for themselves. */
export interface ServerState {
  readonly registry: { readonly models: readonly Model[]; readonly obstacles: readonly string[] };
  readonly engine: { readonly processes: readonly EngineProcessStatus[] };
  readonly admission: Admission;
  readonly dispatcher: Dispatcher;
  readonly feed: EventFeed;
  readonly documents: DocumentCache;
  readonly websocket: Pick<GraphQLWebSocketServer, 'connectionCount'>;
  /** Of PredictQL. */
  readonly version: string;
}

const VERSION = ['task', 'model', 'version'] as const;

export function readingsOf({
  registry,
  engine,
  admission,
  dispatcher,
  feed,
  documents,
  websocket,
  version,
}: ServerState): Reading[] {
  const versions = (): ModelVersion[] => registry.models.flatMap((model) => [...model.versions.values()]);
  const loaded = (read: (version: ModelVersion) => number) => () =>
    versions()
      .filter(({ isLoaded }) => isLoaded)
      .map((each) => ({ labels: labelsOf(each), value: read(each) }));
  const perEngine = (read: (status: EngineProcessStatus) => number) => () =>
    engine.processes.map((status) => ({ labels: { engine: String(status.number) }, value: read(status) }));

  return [
    {
      name: 'predictql_ready',
      help: 'Would /readyz say yes now?',
      type: 'gauge',
      labels: [],
      read: () => only(registry.obstacles.length === 0 ? 1 : 0),
    },
    {
      name: 'predictql_build_info',
      help: 'Which PredictQL runs here, on which Node?',
      type: 'gauge',
      labels: ['version', 'node'],
      read: () => [{ labels: { version, node: process.versions.node }, value: 1 }],
    },
    {
      name: 'predictql_predictions_in_progress',
      help: 'How many places of the admission are taken?',
      type: 'gauge',
      labels: [],
      read: () => only(admission.inUse),
    },
    {
      name: 'predictql_predictions_in_progress_limit',
      help: 'How many places are there? PREDICTQL_MAX_QUEUE.',
      type: 'gauge',
      labels: [],
      read: () => only(admission.limit),
    },
    {
      name: 'predictql_queue_length',
      help: 'How many predictions wait for an engine process now?',
      type: 'gauge',
      labels: VERSION,
      read: loaded((each) => dispatcher.turns.lengthOf(each)),
    },
    {
      name: 'predictql_queue_wait_estimate_seconds',
      help: 'How long would a prediction that came now wait behind all that waits for its version?',
      type: 'gauge',
      labels: VERSION,
      read: loaded((each) => dispatcher.turns.longestWaitMs(each) / 1_000),
    },
    {
      name: 'predictql_engine_up',
      help: 'Which engine processes are there? 0 while one is being replaced.',
      type: 'gauge',
      labels: ['engine'],
      read: perEngine(({ state }) => (state === 'down' ? 0 : 1)),
    },
    {
      name: 'predictql_engine_restarts_total',
      help: 'How often was a lost engine process replaced?',
      type: 'counter',
      labels: ['engine'],
      read: perEngine(({ restarts }) => restarts),
    },
    {
      name: 'predictql_engine_busy_seconds_total',
      help: 'How much of its time does an engine process work? `running` batches, or `preparing` models.',
      type: 'counter',
      labels: ['engine', 'state'],
      read: () =>
        engine.processes.flatMap(({ number, runningMs, preparingMs }) =>
          Object.entries({ running: runningMs, preparing: preparingMs }).map(([state, ms]) => ({
            labels: { engine: String(number), state },
            value: ms / 1_000,
          })),
        ),
    },
    {
      name: 'predictql_engine_resident_memory_bytes',
      help: 'How much memory does an engine process hold? Linux only.',
      type: 'gauge',
      labels: ['engine'],
      read: async () => {
        const sizes = engine.processes.map(async ({ number, pid }) => {
          const bytes = pid === undefined ? undefined : await readResidentBytes(pid);
          return bytes === undefined ? [] : [{ labels: { engine: String(number) }, value: bytes }];
        });
        return (await Promise.all(sizes)).flat();
      },
    },
    {
      name: 'predictql_model_version_phase',
      help: 'In which phase is each version? 1 for the one it is in; unloaded versions are left out.',
      type: 'gauge',
      labels: [...VERSION, 'phase'],
      read: () =>
        versions()
          .filter(({ phase }) => phase !== 'unloaded')
          .map((each) => ({ labels: { ...labelsOf(each), phase: each.phase }, value: 1 })),
    },
    {
      name: 'predictql_model_version_live',
      help: 'Which version of each model is live?',
      type: 'gauge',
      labels: VERSION,
      read: () => registry.models.flatMap(({ live }) => (live ? [{ labels: labelsOf(live), value: 1 }] : [])),
    },
    {
      name: 'predictql_version_events_total',
      help: 'How many changes of versions does the log tell of? It outlives restarts.',
      type: 'counter',
      labels: [],
      read: () => only(feed.log.head),
    },
    {
      name: 'predictql_version_events_unwritten',
      help: 'How many changes could not be written yet? More than 0: the disk of the data folder is full or gone.',
      type: 'gauge',
      labels: [],
      read: () => only(feed.waiting),
    },
    {
      name: 'predictql_event_subscribers',
      help: 'How many subscriptions follow changes of versions?',
      type: 'gauge',
      labels: [],
      read: () => only(feed.followerCount),
    },
    {
      name: 'predictql_event_lag',
      help: 'How many events has the slowest subscriber still to be told?',
      type: 'gauge',
      labels: [],
      read: () => only(feed.furthestBehind),
    },
    {
      name: 'predictql_document_cache_lookups_total',
      help: 'How many documents are known already? A `miss` is parsed and validated.',
      type: 'counter',
      labels: ['result'],
      read: () => [
        { labels: { result: 'hit' }, value: documents.hits },
        { labels: { result: 'miss' }, value: documents.misses },
      ],
    },
    {
      name: 'predictql_websocket_connections',
      help: 'How many WebSockets are open?',
      type: 'gauge',
      labels: [],
      read: () => only(websocket.connectionCount),
    },
  ];
}

function labelsOf({ task, modelName: model, version }: ModelVersion) {
  return { task: task ?? '', model, version };
}
