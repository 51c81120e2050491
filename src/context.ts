import { randomUUID } from 'node:crypto';
import { Cancellation } from './cancellation';
import { AppError } from './errors';
import {
  UNOBSERVED,
  type ObservedOperation,
  type Observer,
  type PredictionFact,
  type RequestFact,
  type Span,
  type ToldError,
  type TraceCarrier,
  type Transport,
} from './observability/observer';

/** `interactive`: somebody waits. `bulk`: it may wait while others are served. */
export type Priority = 'interactive' | 'bulk';

/** What one caller may ask for, where that differs from the settings. */
export interface CallerLimits {
  readonly requestsPerSecond?: number | undefined;
  readonly inferenceMsPerSecond?: number | undefined;
  /** Requests at the same time. */
  readonly concurrentRequests?: number | undefined;
  /** Subscriptions at the same time. */
  readonly subscriptions?: number | undefined;
}

/** Who asks. Without any key configured everybody on the loopback address may do everything. */
export interface Caller {
  /**
   * The same in all requests of one key, subject or anonymous address, so that limits and fair shares can be counted
   * by it: `key:<id>`, `token:<subject>` or `address:<address>`.
   */
  readonly id: string;
  /** Name of the key or subject; undefined for the anonymous. */
  readonly name: string | undefined;
  readonly scopes: readonly string[];
  /** Left out, or a limit left out: that of the settings. */
  readonly limits?: CallerLimits | undefined;
  readonly priority: Priority;
  /**
   * Calls back once, when the key is revoked or the key or token expires, with why; at once if that is past. Disposing
   * takes the listener away. Left out for the anonymous, who cannot lose what they need not have.
   */
  readonly onEnd?: ((listener: (why: AppError) => void) => Disposable) | undefined;
}

/** What a key or token may allow. */
export type Scope = `predict:${string}` | 'models:read' | 'models:write' | 'metrics:read';
/** Allows everything. */
export const ALL_SCOPES = '*';

/** Throws FORBIDDEN, with the scope that is missing, where the caller does not have it. */
export function requireScope({ name, scopes }: Caller, scope: Scope): void {
  if (scopes.includes(scope) || scopes.includes(ALL_SCOPES)) return;
  const who = name === undefined ? 'You have' : `"${name}" has`;
  const has = scopes.length > 0 ? `only ${scopes.join(', ')}` : 'none';
  throw new AppError('FORBIDDEN', `This needs the scope ${scope}. ${who} ${has}.`, { extensions: { scope } });
}

export interface RequestOptions {
  /** Names the request in logs, traces and answers. Default: a new one. */
  readonly id?: string;
  readonly transport?: Transport;
  /** HTTP's. */
  readonly method?: string;
  /** The client's address. */
  readonly address?: string | undefined;
  /** The trace that the client sends the request in. */
  readonly carrier?: TraceCarrier;
  /** Hears of the request when it has ended. Default: nobody. */
  readonly observer?: Observer;
  /** Closes the client's connection with a WebSocket close code, where it has one of its own. */
  readonly disconnect?: (close: { readonly code: number; readonly reason: string }) => void;
}

interface RequestState {
  status: number | undefined;
  operation: ObservedOperation | undefined;
  endedAt: number | undefined;
}

/** What lives exactly as long as one GraphQL operation, over HTTP or WebSocket. */
export class RequestContext implements RequestFact {
  readonly id: string;
  readonly transport: Transport;
  readonly method: string | undefined;
  readonly address: string | undefined;
  readonly disconnect: RequestOptions['disconnect'];
  readonly startedAt = performance.now();
  readonly errors: ToldError[] = [];
  readonly predictions: PredictionFact[] = [];
  readonly span: Span | undefined;
  /** Cancelled when the client has left, so that nothing more is computed for it. */
  readonly cancellation = new Cancellation();
  private readonly observer: Observer;
  private readonly onEnd: Disposable[] = [];
  /** What changes. Apollo works on a shallow copy of the context, and both must see it. */
  private readonly state: RequestState = { status: undefined, operation: undefined, endedAt: undefined };

  constructor(
    readonly caller: Caller,
    {
      id = randomUUID(),
      transport = 'http',
      method,
      address,
      carrier = {},
      observer = UNOBSERVED,
      disconnect,
    }: RequestOptions = {},
  ) {
    this.id = id;
    this.transport = transport;
    this.method = method;
    this.address = address;
    this.disconnect = disconnect;
    this.observer = observer;
    this.span = observer.begin(transport, carrier);
  }

  /** Undefined until the document has been read. */
  get operation(): ObservedOperation | undefined {
    return this.state.operation;
  }

  set operation(operation: ObservedOperation | undefined) {
    this.state.operation = operation;
  }

  get status(): number | undefined {
    return this.state.status;
  }

  get endedAt(): number {
    return this.state.endedAt ?? performance.now();
  }

  get hasLeft(): boolean {
    return this.cancellation.reason !== undefined;
  }

  /** Keeps a resource until the answer has been sent. Disposed of at once if that is past. */
  keep(resource: Disposable): void {
    if (this.state.endedAt !== undefined) resource[Symbol.dispose]();
    else this.onEnd.push(resource);
  }

  abort(): void {
    this.cancellation.cancel(new ClientLeftError());
  }

  /** Called once the answer has been sent, with its HTTP status, or nobody waits for it; more calls do nothing. */
  end(status?: number): void {
    if (this.state.endedAt !== undefined) return;
    this.state.status = status;
    this.state.endedAt = performance.now();
    for (const resource of this.onEnd.reverse()) resource[Symbol.dispose]();
    this.observer.onRequest(this);
  }
}

/** The reason of a cancelled request: nobody will read the answer, so it is no failure to report. */
export class ClientLeftError extends Error {
  override readonly name = 'ClientLeftError';

  constructor() {
    super('The client left before its answer was ready.');
  }
}
