/**
 * The program of an engine process: loads ONNX models and runs batches, one call after the other, for the server that
 * started it. Nothing else runs here, so that a slow, crashing or leaking model hurts nobody.
 *
 * Arguments: the process's number, and how many threads one run may use.
 */
import './without-telemetry';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { isTensorType, type Tensors } from '../../tensor';
import type { Signature, TensorSignature } from '../engine';
import type { EngineCall, EngineReply } from './protocol';
import { fromWire, toWire } from './wire';

const [number = '0', threads = '1'] = process.argv.slice(2);
const sessions = new Map<string, InferenceSession>();
let lastCall: Promise<void> = Promise.resolve();

process.title = `predictql engine-process ${number}`;

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
    case 'load': {
      await release(call.key);
      const session = await InferenceSession.create(call.file, {
        intraOpNumThreads: Number(threads),
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 4,
        // A thread that spins while it waits takes the core from the server's event loop.
        extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
      });
      sessions.set(call.key, session);
      return { id, kind: 'loaded', signature: signatureOf(session), residentBytes: process.memoryUsage.rss() };
    }
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
