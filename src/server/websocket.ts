import type { IncomingMessage, Server as NodeHttpServer } from 'node:http';
import { getOperationAST, GraphQLError, OperationTypeNode } from 'graphql';
import { handleProtocols, makeServer, type Context, type Server, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { RequestContext, type Caller } from '../context';
import { AppError, toError } from '../errors';
import type { ErrorFormatter } from '../graphql/client-errors';
import { prepareOperation, type PrepareOptions } from '../graphql/prepare-operation';
import type { Observer, TraceCarrier } from '../observability/observer';
import type { AccessOptions } from './access';
import { closeFor } from './close-codes';
import { hearCompleted } from './completed-operations';
import { speakGraphQL, type Extra } from './graphql-socket';
import { cutAfterGoodbye, hearNoMoreAfterError } from './goodbye';
import type { RequestLimits } from './limit-requests';
import { limitMessageRate } from './message-rate';
import { takeTurn } from './turns';
import { handleUpgrades } from './upgrades';

/** Milliseconds a client may take to say hello. */
const INIT_TIMEOUT_MS = 3_000;

export interface WebSocketOptions extends Omit<PrepareOptions, 'context'> {
  readonly http: NodeHttpServer;
  readonly formatError: ErrorFormatter;
  readonly maxMessageBytes: number;
  /** Of one connection. */
  readonly messagesPerSecond: number;
  readonly access: AccessOptions;
  readonly requestLimits: RequestLimits;
  readonly observer: Observer;
}

/** What graphql-ws knows of it. */
type WsContext = Context<Record<string, unknown>, Extra>;

/** What a client asks for, and its place among what its caller may ask for at the same time. */
interface Operation {
  readonly context: RequestContext;
  readonly payload: SubscribePayload;
  readonly place: Disposable;
}

/** What is known of an open WebSocket. */
interface Connection {
  /** Undefined until it has said hello. */
  caller?: Caller;
  /** Operations under way, by the names its client gave them. */
  readonly contexts: Map<string, RequestContext>;
  /** Operations that wait for their turns, and the last of these. */
  waiting: number;
  lastTurn: Promise<void>;
  /** Nothing more can be read of it. */
  isBroken: boolean;
}

/** GraphQL over WebSocket (`graphql-transport-ws`) on the path of the HTTP endpoint: every operation, the same guards. */
export class GraphQLWebSocketServer {
  private readonly sockets: WebSocketServer;
  private readonly protocol: Server<Extra>;
  private readonly connections = new WeakMap<WebSocket, Connection>();
  /** Queries and mutations under way. A subscription has no end to wait for. */
  private readonly awaited = new Set<RequestContext>();
  private isStopping = false;
  private onIdle: (() => void) | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: WebSocketOptions) {
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: options.maxMessageBytes, handleProtocols });
    handleUpgrades(options.http, {
      ...options,
      isOpen: () => !this.isStopping,
      accept: (request, socket, head) =>
        this.sockets.handleUpgrade(request, socket, head, (ws) => this.watch({ socket: ws, request })),
    });
    this.protocol = makeServer<Record<string, unknown>, Extra>({
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      onConnect: ({ extra, connectionParams }) => this.connect(extra.socket, extra.request, connectionParams),
      onSubscribe: (operation, id, payload) => this.begin(operation, id, payload),
      onNext: ({ extra }, id, _payload, _args, result) => {
        if (!result.errors) return;
        const context = this.contextOf(extra.socket, id);
        return { ...result, errors: result.errors.map((error) => options.formatError(error, context)) };
      },
      onError: ({ extra }, id, _payload, errors) => {
        const context = this.contextOf(extra.socket, id);
        const told = errors.map((error) => options.formatError(error, context));
        this.end(extra.socket, id);
        return told;
      },
      onComplete: ({ extra }, id) => this.end(extra.socket, id),
    });
  }

  get connectionCount(): number {
    return this.sockets.clients.size;
  }

  /** Takes no new operation, answers those under way, and closes all connections with 1001. */
  async close(): Promise<void> {
    this.isStopping = true;
    if (this.awaited.size > 0)
      await new Promise<void>((resolve) => {
        this.onIdle = resolve;
      });
    await this.closeNow();
  }

  /** Closes all connections with 1001, whatever is under way. */
  closeNow(): Promise<void> {
    this.isStopping = true;
    // A server of `ws` throws when it is closed twice.
    this.closing ??= this.closeConnections();
    return this.closing;
  }

  private async closeConnections(): Promise<void> {
    for (const ws of this.sockets.clients) {
      ws.close(1001, 'Going away');
      // Whoever does not hear it must not hold up the stop.
      cutAfterGoodbye(ws);
    }
    await new Promise<void>((resolve) => this.sockets.close(() => resolve()));
  }

  private watch(extra: Extra): void {
    const { socket: ws } = extra;
    const connection: Connection = {
      contexts: new Map(),
      waiting: 0,
      lastTurn: Promise.resolve(),
      isBroken: false,
    };
    this.connections.set(ws, connection);
    ws.once('error', () => (connection.isBroken = true));
    hearNoMoreAfterError(ws);
    limitMessageRate(ws, this.options.messagesPerSecond, (why) => this.closeFor(ws, why));
    hearCompleted(ws, (id) => this.contextOf(ws, id)?.abort());
    ws.once('close', () => {
      for (const [id, context] of connection.contexts) {
        context.abort();
        this.end(ws, id);
      }
    });
    speakGraphQL(extra, {
      protocol: this.protocol,
      closeFor: (why) => this.closeFor(ws, why),
      onUnread: () => {
        for (const context of connection.contexts.values()) context.abort();
      },
    });
  }

  private closeFor(ws: WebSocket, why: unknown): void {
    const { code, reason } = closeFor(this.options.formatError(why));
    ws.close(code, reason);
  }

  /** Finds out who asks, once for all operations of the connection; it ends when its key or token does. */
  private async connect(
    ws: WebSocket,
    request: IncomingMessage,
    connectionParams: Readonly<Record<string, unknown>> | undefined,
  ): Promise<boolean> {
    const close = (why: unknown): void => this.closeFor(ws, why);
    try {
      const caller = await this.options.access.identify({
        headers: request.headersDistinct,
        address: this.options.access.clientAddress(request),
        connectionParams,
      });
      const connection = this.connections.get(ws);
      if (connection) connection.caller = caller;
      const watch = caller.onEnd?.(close);
      ws.once('close', () => watch?.[Symbol.dispose]());
      return true;
    } catch (thrown) {
      // graphql-ws would close with a code of its own; the first one counts.
      close(thrown);
      return false;
    }
  }

  private begin({ extra, connectionParams }: WsContext, id: string, payload: SubscribePayload) {
    const { socket: ws, request } = extra;
    const { observer, requestLimits } = this.options;
    const { callerLimits, earlyRefusal, known } = requestLimits;
    const connection = this.connections.get(ws);
    const { caller, contexts } = connection ?? {};
    // Nobody hears the answer. Messages come in for as long as the client has not agreed to the close.
    if (ws.readyState !== ws.OPEN) return [new GraphQLError('The connection is closing.')];
    if (!connection || !caller || !contexts) throw new Error('An operation came before it was known who sends it.');
    if (this.isStopping) {
      const extensions = { retryAfterMs: 1_000 };
      return refusalOf(new AppError('OVERLOADED', 'The server is stopping. Connect again.', { extensions }));
    }
    const context = new RequestContext(caller, {
      transport: 'websocket',
      observer,
      address: this.options.access.clientAddress(request),
      carrier: carrierOf(connectionParams, payload.extensions),
      disconnect: ({ code, reason }) => ws.close(code, reason),
    });
    contexts.set(id, context);
    try {
      const place = callerLimits.enterRequest(caller);
      context.keep(place);
      const tasks = known.tasksOf(payload);
      if (!tasks) return this.prepareInTurn(ws, connection, { id, context, payload, place });
      const refusal = earlyRefusal.ofTasks(tasks, caller);
      return refusal ? refusalOf(refusal) : this.prepare({ context, payload, place });
    } catch (thrown) {
      return refusalOf(thrown);
    }
  }

  /**
   * A single reading brings hundreds of messages, and an operation may take milliseconds: one of each connection waits for a
   * turn at a time, so that those of others come in between, and no more is read meanwhile. Predictions have limits, queues
   * and fair shares of their own, and the more of them are begun together, the larger are their batches.
   */
  private async prepareInTurn(ws: WebSocket, connection: Connection, operation: Operation & { readonly id: string }) {
    const { id, context } = operation;
    // A server that stops answers it.
    this.awaited.add(context);
    if (++connection.waiting > 1) ws.pause();
    const turn = connection.lastTurn.then(() => takeTurn(this.options.requestLimits.turns));
    connection.lastTurn = turn.catch(() => undefined);
    await connection.lastTurn;
    if (--connection.waiting === 0 && ws.isPaused && !connection.isBroken) ws.resume();
    if (context.cancellation.reason || ws.readyState !== ws.OPEN) {
      // graphql-ws has forgotten it, and its client may have given its name to another.
      if (connection.contexts.get(id) === context) connection.contexts.delete(id);
      this.settle(context);
      return [new GraphQLError('Nobody waits for the answer.')];
    }
    try {
      await turn;
      return this.prepare(operation);
    } catch (thrown) {
      return refusalOf(thrown);
    }
  }

  private prepare({ context, payload, place }: Operation) {
    const { requestLimits, schema } = this.options;
    const { callerLimits, known } = requestLimits;
    const prepared = prepareOperation(payload, { ...this.options, context });
    if ('document' in prepared) known.remember(prepared.document, schema);
    const isSubscription =
      'document' in prepared &&
      getOperationAST(prepared.document, prepared.operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
    if (!isSubscription) {
      this.awaited.add(context);
    } else {
      this.awaitNoMore(context);
      place[Symbol.dispose]();
      context.keep(callerLimits.enterSubscription(context.caller));
    }
    return prepared;
  }

  private end(ws: WebSocket, id: string): void {
    const context = this.contextOf(ws, id);
    if (!context) return;
    this.connections.get(ws)?.contexts.delete(id);
    this.settle(context);
  }

  private settle(context: RequestContext): void {
    context.end();
    this.awaitNoMore(context);
  }

  private awaitNoMore(context: RequestContext): void {
    this.awaited.delete(context);
    // graphql-ws says so before it sends `complete`, which must be out before the connection is closed.
    if (this.awaited.size === 0) setImmediate(() => this.onIdle?.());
  }

  private contextOf(ws: WebSocket, id: string): RequestContext | undefined {
    return this.connections.get(ws)?.contexts.get(id);
  }
}

function refusalOf(thrown: unknown): [GraphQLError] {
  const originalError = toError(thrown);
  return [new GraphQLError(originalError.message, { originalError })];
}

/** An operation may be part of a trace of its own, of which the connection's `tracestate` says nothing. */
function carrierOf(...[connectionParams, extensions]: readonly (TraceCarrier | null | undefined)[]): TraceCarrier {
  return (extensions?.['traceparent'] === undefined ? connectionParams : extensions) ?? {};
}
