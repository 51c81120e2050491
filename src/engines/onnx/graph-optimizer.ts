import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../../observability/logger';
import { EngineLimitError, EngineLostError, type Signature } from '../engine';
import { EngineClient } from './engine-client';
import type { GraphFile } from './protocol';

export interface GraphOptimizerOptions {
  /** Holds the optimised graphs while they are in use; emptied at the start. No other process may use it. */
  readonly folder: string;
  readonly threads: number;
  /** A graph that takes longer is given up. Milliseconds. */
  readonly timeoutMs: number;
  /** Memory the process may hold meanwhile, everything in it counted. Bytes. */
  readonly maxResidentBytes: number;
  readonly log: Logger;
}

export interface OptimizedGraph {
  readonly file: GraphFile;
  readonly signature: Signature;
}

/** The lowest there is: whatever serves goes first. */
const NICENESS = 19;
/** A process costs 80 MB, and its start 0.1 s: kept for the next graph of a series, not for longer. Milliseconds. */
const KEPT_MS = 10_000;
const STOP_TIMEOUT_MS = 2_000;
/** A graph that takes its process down so often will do it again; once may have been an accident. */
const MAX_LOSSES = 2;

/**
 * Reads and optimises each graph once, in a process that serves nobody, and leaves a file that the serving ones only
 * map into memory: milliseconds, however large it is. A graph that is slow, takes too much memory or crashes does so
 * there, where no request waits.
 */
export class GraphOptimizer {
  private client: EngineClient | undefined;
  private stopping: NodeJS.Timeout | undefined;
  private lane: Promise<unknown> = Promise.resolve();
  private count = 0;
  private isClosed = false;

  constructor(private readonly options: GraphOptimizerOptions) {
    rmSync(options.folder, { recursive: true, force: true });
  }

  get pid(): number | undefined {
    return this.client?.pid;
  }

  /** One graph after the other. Rejects with why it cannot be loaded. */
  optimize(file: string): Promise<OptimizedGraph> {
    const turn = this.lane.then(() => this.optimizeNow(file, MAX_LOSSES));
    this.lane = turn.catch(() => undefined);
    return turn;
  }

  /** Nobody will load it any more; whoever has it mapped keeps it. */
  async discard({ file }: OptimizedGraph): Promise<void> {
    if (file.form === 'optimized') await rm(file.path, { force: true }).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.stop();
    await rm(this.options.folder, { recursive: true, force: true }).catch(() => undefined);
  }

  private async optimizeNow(file: string, attempts: number): Promise<OptimizedGraph> {
    const { folder, timeoutMs, maxResidentBytes, log } = this.options;
    const to = path.join(folder, `${++this.count}.ort`);
    clearTimeout(this.stopping);
    // A process that is started now would keep a server that stops from ending.
    if (this.isClosed) throw new EngineLostError('The engine is closed.');
    try {
      // Where it cannot be made, saving fails and says so.
      await mkdir(folder, { recursive: true }).catch(() => undefined);
      this.client ??= this.startProcess();
      const call = { kind: 'optimize', file, to } as const;
      const reply = await this.client.call(call, { expect: 'optimized', timeoutMs, maxResidentBytes });
      if (reply.isSaved) return { file: { form: 'optimized', path: to }, signature: reply.signature };
      log.warn('the optimised graph could not be kept: each engine process optimises it for itself');
      await rm(to, { force: true }).catch(() => undefined);
      return { file: { form: 'onnx', path: file }, signature: reply.signature };
    } catch (thrown) {
      await rm(to, { force: true }).catch(() => undefined);
      const wasLost = thrown instanceof EngineLostError && !(thrown instanceof EngineLimitError);
      if (wasLost && attempts > 1) return await this.optimizeNow(file, attempts - 1);
      throw thrown;
    } finally {
      clearTimeout(this.stopping);
      this.stopping = setTimeout(() => void this.stop(), KEPT_MS).unref();
    }
  }

  private startProcess(): EngineClient {
    const { threads, log } = this.options;
    const client: EngineClient = new EngineClient({
      name: 'graph-optimizer',
      threads,
      niceness: NICENESS,
      log,
      onLost: () => {
        if (this.client === client) this.client = undefined;
      },
    });
    return client;
  }

  private async stop(): Promise<void> {
    clearTimeout(this.stopping);
    const { client } = this;
    this.client = undefined;
    // One that is still at work is not waited for: nobody wants what it makes.
    await client?.call({ kind: 'stop' }, { expect: 'done', timeoutMs: STOP_TIMEOUT_MS }).catch(() => client.kill());
  }
}
