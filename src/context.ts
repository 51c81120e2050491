import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';

/** Who asks. Without any key configured everybody on the loopback address is `local` and may do everything. */
export interface Caller {
  /** Name of the key or subject; undefined for the anonymous. */
  readonly name: string | undefined;
  readonly scopes: readonly string[];
}

/** What lives exactly as long as one GraphQL operation, over HTTP or WebSocket. */
export class RequestContext {
  readonly id: string = randomUUID();
  private readonly controller = new AbortController();
  private readonly onEnd: Disposable[] = [];
  private hasEnded = false;

  /**
   * @param disconnect closes the client's connection with a WebSocket close code, where it has one of its own
   */
  constructor(
    readonly caller: Caller,
    readonly disconnect?: (close: { readonly code: number; readonly reason: string }) => void,
  ) {
    // Each prediction of a list listens, and 100 listeners are no leak.
    setMaxListeners(0, this.controller.signal);
  }

  /** Aborted when the client has left, so that nothing more is computed for it. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Keeps a resource until the answer has been sent. Disposed of at once if that is past. */
  keep(resource: Disposable): void {
    if (this.hasEnded) resource[Symbol.dispose]();
    else this.onEnd.push(resource);
  }

  abort(): void {
    this.controller.abort(new ClientLeftError());
  }

  /** Called once the answer has been sent or nobody waits for it; more calls do nothing. */
  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const resource of this.onEnd.reverse()) resource[Symbol.dispose]();
  }
}

/** The reason of an aborted signal: nobody will read the answer, so it is no failure to report. */
export class ClientLeftError extends Error {
  override readonly name = 'ClientLeftError';

  constructor() {
    super('The client left before its answer was ready.');
  }
}
