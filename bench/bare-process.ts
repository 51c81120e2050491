/**
 * The least that a prediction can cost: the same preprocessing, inference and postprocessing in one process that does
 * nothing else. No server, no queue, no way between processes.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type * as LoggerModule from '../src/observability/logger';
import type { AnyTask } from '../src/prediction/task';
import type * as DiskStoreModule from '../src/registry/disk-store';
import type * as TasksModule from '../src/tasks';
import type * as TensorModule from '../src/tensor';
import type { Tensors, TensorType } from '../src/tensor';
import type * as LocalDateTimeModule from '../src/transforms/local-date-time';
import { ROOT, requireCompiled } from './compiled';
import type { Payload } from './payloads';
import { summarize, type Latencies } from './statistics';
import { answerQuestions } from './workers';

const { createDiskStore } = requireCompiled('registry/disk-store') as typeof DiskStoreModule;
const { createLogger } = requireCompiled('observability/logger') as typeof LoggerModule;
const { createTasks } = requireCompiled('tasks/index') as typeof TasksModule;
const { splitRows } = requireCompiled('tensor') as typeof TensorModule;
const { parseLocalDateTime } = requireCompiled('transforms/local-date-time') as typeof LocalDateTimeModule;

export interface BareQuestion {
  readonly model: string;
  readonly version: string;
  readonly payload: Payload;
  /** How many inputs are at hand at the same time. */
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface BareAnswer extends Latencies {
  readonly perSecond: number;
  /** Processor time of a prediction. */
  readonly cpuMs: number;
  /** Rows of an inference call, the number that did best. */
  readonly rowsPerCall: number;
}

type Predict = (rows: number) => Promise<void>;
const prepared = new Map<string, { readonly predict: Predict; readonly maxBatchSize: number }>();

answerQuestions<BareQuestion, BareAnswer>(async (question) => {
  const { predict, maxBatchSize } = await prepare(question);
  // Some models gain by batches and some do not, so the better of both is what the server is held against.
  const sizes = [...new Set([1, Math.min(question.concurrency, maxBatchSize)])];
  const answers: BareAnswer[] = [];
  for (const rows of sizes) answers.push(await measure(predict, rows, question));
  return answers.reduce((best, next) => (next.perSecond > best.perSecond ? next : best));
});

async function measure(predict: Predict, rows: number, { warmUpMs, measureMs }: BareQuestion): Promise<BareAnswer> {
  for (const end = performance.now() + warmUpMs; performance.now() < end;) await predict(rows);
  const latencies: number[] = [];
  const cpu = process.cpuUsage();
  const from = performance.now();
  while (performance.now() < from + measureMs) {
    const startedAt = performance.now();
    await predict(rows);
    latencies.push(performance.now() - startedAt);
  }
  const seconds = (performance.now() - from) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const predictions = latencies.length * rows;
  return {
    ...summarize(latencies),
    perSecond: predictions / seconds,
    cpuMs: (user + system) / 1_000 / predictions,
    rowsPerCall: rows,
  };
}

async function prepare({ model, version, payload }: BareQuestion) {
  const known = prepared.get(model);
  if (known) return known;
  const cacheFolder = mkdtempSync(path.join(tmpdir(), 'predictql-bench-'));
  const folder = process.env['PREDICTQL_MODELS_DIR'] ?? path.join(ROOT, 'models');
  const log = createLogger('silent');
  const stored = await createDiskStore({ folder, cacheFolder, pollMs: 60_000, log }).open(model, version);
  const task = findTask(payload.task);
  const assets: unknown = await task.loadAssets(stored);
  // As an engine process creates its sessions.
  const session = await InferenceSession.create(await stored.keepModel(), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });
  rmSync(cacheFolder, { recursive: true });
  const input = inputOf(payload);

  const predict: Predict = async (rows) => {
    const inputs = await Promise.all(Array.from({ length: rows }, async () => task.preprocess(input, assets)));
    const batch = task.collate(inputs.map(({ row }) => row.tensors));
    const outputs = splitRows(fromOnnx(await session.run(toOnnx(batch))), rows);
    outputs.forEach((row, index) => {
      task.postprocess(row, { assets, facts: inputs[index]?.facts as unknown, input });
    });
  };
  const ready = { predict, maxBatchSize: stored.manifest.batching.maxBatchSize };
  prepared.set(model, ready);
  return ready;
}

function findTask(name: string): AnyTask {
  const { list } = createTasks({ maxImagePixels: 50_000_000, maxImageBytes: 16 * 1024 * 1024 });
  const task = list.find((each) => each.name === name);
  if (!task) throw new Error(`There is no task ${name}.`);
  return task;
}

/** What the resolver hands to the task. */
function inputOf({ task, variables }: Payload): unknown {
  if (task === 'classify-image') return { image: { base64: variables['image'] }, topK: 5, minConfidence: 0 };
  if (task === 'sentiment') return { text: variables['text'] };
  const transaction = variables['transaction'] as { readonly occurredAt: string };
  return { ...transaction, occurredAt: parseLocalDateTime(transaction.occurredAt) };
}

function toOnnx(tensors: Tensors): Record<string, OnnxTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => [name, new OnnxTensor(type, data as never, dims)]),
  );
}

function fromOnnx(results: Readonly<Record<string, OnnxTensor>>): Tensors {
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => [
      name,
      { type: type as TensorType, dims, data: data as Float32Array },
    ]),
  );
}
