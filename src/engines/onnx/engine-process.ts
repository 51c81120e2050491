/**
 * The program of an engine process: loads ONNX models and runs batches, one call after the other, for the server that
 * started it. Nothing else runs here, so that a slow, crashing or leaking model hurts nobody.
 *
 * Arguments: the process's name, and how many threads one run may use.
 */
import './without-telemetry';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { isTensorType, type Tensors } from '../../tensor';
import type { Signature, TensorSignature } from '../engine';
import type { EngineCall, EngineReply, GraphFile } from './protocol';
import { fromWire, toWire } from './wire';

const [name = '', threads = '1'] = process.argv.slice(2);
const sessions = new Map<string, InferenceSession>();
let lastCall: Promise<void> = Promise.resolve();

process.title = `predictql ${name}`;

// A terminal's Ctrl-C and a service manager's SIGTERM reach the whole group; the server drains and then ends us.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// The channel ends with the server, however it ended: no orphan stays.
process.on('disconnect', () => process.exit(0));
process.on('message', (call: EngineCall) => {
  lastCall = lastCall.then(() => answer(call));
});

async function answer(call: EngineCall): Promise<void> {
  let reply: EngineReply;
  try {
    reply = await perform(call);
  } catch (thrown) {
    reply = { id: call.id, kind: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  process.send?.(reply);
  if (call.kind === 'stop') process.disconnect();
}

async function perform(call: EngineCall): Promise<EngineReply> {
  const { id } = call;
  switch (call.kind) {
    case 'optimize': {
      const { session, isSaved } = await optimize(call.file, call.to);
      const residentBytes = process.memoryUsage.rss();
      const signature = signatureOf(session);
      await session.release();
      return { id, kind: 'optimized', signature, isSaved, residentBytes };
    }
    case 'load':
      await release(call.key);
      sessions.set(call.key, await open(call.graph));
      return { id, kind: 'loaded', residentBytes: process.memoryUsage.rss() };
    case 'unload':
      await release(call.key);
      // V8 would keep what belonged to the model until there is pressure, which a process like this never has.
      globalThis.gc?.();
      return { id, kind: 'done' };
    case 'run': {
      const session = sessions.get(call.key);
      if (!session) throw new Error(`Model ${call.key} is not loaded in this process.`);
      const started = performance.now();
      const results = await session.run(toOnnx(fromWire(call.inputs)));
      const inferenceMs = performance.now() - started;
      const startedAt = performance.timeOrigin + started;
      return { id, kind: 'ran', outputs: toWire(fromOnnx(results)), inferenceMs, startedAt };
    }
    case 'stop':
      for (const key of [...sessions.keys()]) await release(key);
      return { id, kind: 'done' };
  }
}

async function optimize(file: string, to: string): Promise<{ session: InferenceSession; isSaved: boolean }> {
  const settings = { session: { save_model_format: 'ORT' } };
  try {
    const session = await createSession(file, { graphOptimizationLevel: 'all', optimizedModelFilePath: to }, settings);
    return { session, isSaved: true };
  } catch {
    // Whether it was the graph or only the saving shows without it.
    return { session: await open({ form: 'onnx', path: file }), isSaved: false };
  }
}

function open({ form, path }: GraphFile): Promise<InferenceSession> {
  if (form === 'onnx') return createSession(path, { graphOptimizationLevel: 'all' });
  // Mapped, the weights take no time to read, and all processes share one copy of them.
  const mapped = { use_memory_mapped_ort_model: '1', use_ort_model_bytes_for_initializers: '1' };
  return createSession(path, { graphOptimizationLevel: 'disabled' }, { session: mapped });
}

function createSession(
  file: string,
  options: InferenceSession.SessionOptions,
  { session }: { readonly session?: Readonly<Record<string, string>> } = {},
): Promise<InferenceSession> {
  return InferenceSession.create(file, {
    ...options,
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4,
    // A thread that spins while it waits takes the core from the server's event loop.
    extra: { session: { ...session, intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });
}

async function release(key: string): Promise<void> {
  const session = sessions.get(key);
  sessions.delete(key);
  await session?.release();
}

function signatureOf(session: InferenceSession): Signature {
  const describe = (all: readonly InferenceSession.ValueMetadata[]): TensorSignature[] =>
    all.map((value) =>
      value.isTensor
        ? { name: value.name, type: value.type, shape: value.shape }
        : { name: value.name, type: 'not a tensor', shape: [] },
    );
  return { inputs: describe(session.inputMetadata), outputs: describe(session.outputMetadata) };
}

function toOnnx(tensors: Tensors): Record<string, OnnxTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => [name, new OnnxTensor(type, data as never, dims)]),
  );
}

function fromOnnx(results: Readonly<Record<string, OnnxTensor>>): Tensors {
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => {
      if (!isTensorType(type)) throw new Error(`Output "${name}" is of type ${type}, which no task reads.`);
      return [name, { type, dims, data: data as Float32Array }];
    }),
  );
}
