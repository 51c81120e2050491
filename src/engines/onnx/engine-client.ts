import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import path from 'node:path';
import type { Logger } from '../../observability/logger';
import { EngineLimitError, EngineLostError } from '../engine';
import type { EngineCall, EngineReply } from './protocol';
import { readResidentBytes } from './resident-memory';

export interface EngineClientOptions {
  /** Shown in the process's title and in what is said of it: `engine-process 1`. */
  readonly name: string;
  /** How many threads one run may use. */
  readonly threads: number;
  /** Nice value, -20 to 19: above the server's own 0, so that the event loop goes first. */
  readonly niceness: number;
  readonly log: Logger;
  /** The process is gone, for whatever reason; calls under way have been rejected. */
  readonly onLost: () => void;
}

type CallBody = EngineCall extends infer Call ? (Call extends EngineCall ? Omit<Call, 'id'> : never) : never;
type ReplyTo<Kind extends EngineReply['kind']> = Extract<EngineReply, { kind: Kind }>;

export interface CallOptions<Kind extends EngineReply['kind']> {
  /** The reply that answers the call. */
  readonly expect: Kind;
  /** A process that has not answered by then is ended, since a call cannot be interrupted. Milliseconds. */
  readonly timeoutMs: number;
  /**
   * Set while a model is being loaded or warmed: a process that takes more memory is ended, and this and a missed
   * `timeoutMs` are the model's fault (EngineLimitError). Bytes.
   */
  readonly maxResidentBytes?: number;
}

/** Milliseconds between looks at the memory of a process that loads a model. */
const MEMORY_INTERVAL_MS = 50;
const MEGABYTE = 2 ** 20;

interface PendingCall {
  readonly resolve: (reply: EngineReply) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The server's end of one engine process: sends calls, matches replies, and notices when the process is lost. */
export class EngineClient {
  private readonly child: ChildProcess;
  private readonly pending = new Map<number, PendingCall>();
  private nextId = 1;
  private isLost = false;
  /** Why we ended the process, if we did. */
  private verdict: EngineLostError | undefined;

  constructor(private readonly options: EngineClientOptions) {
    const { name, threads } = options;
    this.child = fork(path.join(__dirname, 'engine-process.js'), [name, String(threads)], {
      serialization: 'advanced',
      // Flags such as --inspect are meant for the server and would collide here. Its own keeps the heap for messages,
      // which live for one call, from growing with every burst.
      execArgv: ['--max-semi-space-size=4', '--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child.on('message', (reply: EngineReply) => this.settle(reply));
    this.child.on('exit', (code, signal) => this.lose(`ended with ${signal ?? `code ${code ?? 'unknown'}`}`));
    this.child.on('error', (error) => this.lose(error.message));
    this.lowerPriority();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Sends one call and waits for its reply. Rejects with EngineLostError when the process is gone or was ended. */
  async call<Kind extends EngineReply['kind']>(body: CallBody, options: CallOptions<Kind>): Promise<ReplyTo<Kind>> {
    const { expect, maxResidentBytes } = options;
    using _watch = maxResidentBytes === undefined ? undefined : this.watchMemory(maxResidentBytes);
    const reply = await this.send(body, options);
    if (reply.kind === 'failed') throw new Error(reply.message);
    if (reply.kind !== expect) throw new Error(`The engine process answered "${reply.kind}" to "${body.kind}".`);
    if ('residentBytes' in reply && maxResidentBytes !== undefined && reply.residentBytes > maxResidentBytes) {
      const verdict = tooMuchMemory(reply.residentBytes, maxResidentBytes);
      this.end(verdict);
      throw verdict;
    }
    return reply as ReplyTo<Kind>;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Kills the process; what it was asked is rejected with why. */
  private end(verdict: EngineLostError): void {
    if (this.isLost) return;
    this.verdict ??= verdict;
    this.options.log.warn({ process: this.options.name, error: verdict }, 'engine process ended');
    this.kill();
  }

  private send(
    body: CallBody,
    { timeoutMs, maxResidentBytes }: Omit<CallOptions<EngineReply['kind']>, 'expect'>,
  ): Promise<EngineReply> {
    if (this.isLost) return Promise.reject(new EngineLostError(`The ${this.options.name} is gone.`));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const isPreparing = maxResidentBytes !== undefined;
        this.options.log.warn({ process: this.options.name, call: body.kind, timeoutMs }, 'engine does not answer');
        this.end(
          isPreparing
            ? new EngineLimitError('time', tooLong(body.kind, timeoutMs))
            : new EngineLostError(`The ${this.options.name} did not answer within ${timeoutMs} ms.`),
        );
      }, timeoutMs);
      this.pending.set(id, { resolve, reject, timer });
      // A failed send means that the channel is closed; the exit that follows rejects the call.
      this.child.send({ ...body, id }, () => undefined);
    });
  }

  /** Looks from outside, because a process that loads a model answers nothing meanwhile. */
  private watchMemory(maxResidentBytes: number): Disposable {
    const timer = setInterval(() => {
      if (this.pid !== undefined)
        void readResidentBytes(this.pid).then((bytes = 0) => {
          if (bytes > maxResidentBytes && timer.hasRef()) this.end(tooMuchMemory(bytes, maxResidentBytes));
        });
    }, MEMORY_INTERVAL_MS);
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        timer.unref();
      },
    };
  }

  private settle(reply: EngineReply): void {
    const call = this.pending.get(reply.id);
    if (!call) return;
    this.pending.delete(reply.id);
    clearTimeout(call.timer);
    call.resolve(reply);
  }

  private lose(reason: string): void {
    if (this.isLost) return;
    this.isLost = true;
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(this.verdict ?? new EngineLostError(`The ${this.options.name} ${reason}.`));
    }
    this.pending.clear();
    this.options.onLost();
  }

  private lowerPriority(): void {
    if (this.child.pid === undefined) return;
    try {
      setPriority(this.child.pid, this.options.niceness);
    } catch (error) {
      this.options.log.warn({ process: this.options.name, error }, 'engine priority not lowered');
    }
  }
}

function tooLong(kind: CallBody['kind'], timeoutMs: number): string {
  const what = kind === 'run' ? 'Its first run' : 'Loading it';
  return `${what} took longer than the ${timeoutMs} ms that are allowed (PREDICTQL_ENGINE_LOAD_TIMEOUT_MS).`;
}

function tooMuchMemory(bytes: number, allowed: number): EngineLimitError {
  const [took, limit] = [bytes, allowed].map((each) => Math.round(each / MEGABYTE)) as [number, number];
  const text = `It took its engine process to ${took} MB of memory; allowed are ${limit} (PREDICTQL_ENGINE_MEMORY_MB).`;
  return new EngineLimitError('memory', text);
}
