import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import path from 'node:path';
import type { Logger } from '../../observability/logger';
import { EngineLostError } from '../engine';
import type { EngineCall, EngineReply } from './protocol';

export interface EngineClientOptions {
  /** Shown in the process's title. */
  readonly number: number;
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

  constructor(private readonly options: EngineClientOptions) {
    const { number, threads } = options;
    this.child = fork(path.join(__dirname, 'engine-process.js'), [String(number), String(threads)], {
      serialization: 'advanced',
      // Flags such as --inspect are meant for the server and would collide here.
      execArgv: [],
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

  /**
   * Sends one call and waits for its reply of the given kind. A process that does not answer within `timeoutMs` is
   * killed, since a run cannot be interrupted. Rejects with EngineLostError when the process is gone.
   */
  async call<Kind extends EngineReply['kind']>(
    body: CallBody,
    { expect, timeoutMs }: { readonly expect: Kind; readonly timeoutMs: number },
  ): Promise<ReplyTo<Kind>> {
    const reply = await this.send(body, timeoutMs);
    if (reply.kind === 'failed') throw new Error(reply.message);
    if (reply.kind !== expect) throw new Error(`The engine process answered "${reply.kind}" to "${body.kind}".`);
    return reply as ReplyTo<Kind>;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private send(body: CallBody, timeoutMs: number): Promise<EngineReply> {
    if (this.isLost) return Promise.reject(new EngineLostError(`Engine process ${this.options.number} is gone.`));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.options.log.warn({ engine: this.options.number, call: body.kind, timeoutMs }, 'engine does not answer');
        this.kill();
      }, timeoutMs);
      this.pending.set(id, { resolve, reject, timer });
      // A failed send means that the channel is closed; the exit that follows rejects the call.
      this.child.send({ ...body, id }, () => undefined);
    });
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
      reject(new EngineLostError(`Engine process ${this.options.number} ${reason}.`));
    }
    this.pending.clear();
    this.options.onLost();
  }

  private lowerPriority(): void {
    if (this.child.pid === undefined) return;
    try {
      setPriority(this.child.pid, this.options.niceness);
    } catch (error) {
      this.options.log.warn({ engine: this.options.number, error }, 'engine priority not lowered');
    }
  }
}
