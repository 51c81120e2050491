import type { IncomingMessage } from 'node:http';
import { CloseCode, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { AppError } from '../errors';
import { limitJson } from '../guards/json-limits';
import { MAX_REASON_BYTES } from './close-codes';

/** Milliseconds between two pings, and for the answer to one. */
const KEEP_ALIVE_MS = 12_000;
/** Bytes that may wait for a client to read them before another answer is added: more than any one answer has. */
const MAX_UNREAD_BYTES = 8 * 2 ** 20;

/** What the hooks of graphql-ws are told of a connection. */
export interface Extra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

export interface SpeakOptions {
  readonly protocol: Server<Extra>;
  readonly closeFor: (why: unknown) => void;
  /** Its client asks on and does not read: the connection is being closed. */
  readonly onUnread: () => void;
}

/**
 * Lets graphql-ws speak its protocol on a connection of `ws`. Its own adapter for that parses whatever comes, keeps whatever
 * is not read, and writes to the console what its clients do wrong.
 */
export function speakGraphQL({ socket: ws, request }: Extra, { protocol, closeFor, onUnread }: SpeakOptions): void {
  const closed = protocol.opened(
    {
      protocol: ws.protocol,
      send: (text) => send(text),
      close: (code, reason) => closeInFewWords(ws, code, reason),
      onMessage: (handle) => void ws.on('message', (data: Buffer) => void read(data, handle)),
    },
    { socket: ws, request },
  );
  keepAlive(ws);
  ws.once('close', (code, reason) => void closed(code, String(reason)));

  async function read(data: Buffer, handle: (text: string) => Promise<void>): Promise<void> {
    // Messages come in for as long as the client has not agreed to the close, and nobody hears the answers.
    if (ws.readyState !== ws.OPEN) return;
    try {
      limitJson(data);
      await handle(String(data));
    } catch (thrown) {
      // That a client sends what only servers send is no failure here.
      const isMisuse = thrown instanceof Error && thrown.message.startsWith('Unexpected message of type');
      if (isMisuse) ws.close(CloseCode.BadRequest, 'Invalid message received');
      else closeFor(thrown);
    }
  }

  /**
   * An answer that is not read stays in memory. Whoever asks on without reading is closed; what was sent before comes first,
   * and a client that does not read even that is cut when it answers no ping. A failure to send is not told: the connection
   * has ended then, and that is told by itself.
   */
  function send(text: string): Promise<void> | void {
    if (ws.readyState !== ws.OPEN) return;
    if (ws.bufferedAmount <= MAX_UNREAD_BYTES) return new Promise((resolve) => ws.send(text, () => resolve()));
    onUnread();
    closeFor(new AppError('OVERLOADED', 'Too many answers wait to be read. Read them before you ask for more.'));
  }
}

/**
 * graphql-ws writes ids of any length into the reasons by which it closes, longer than a frame holds. The code tells a
 * client all that it needs.
 */
function closeInFewWords(ws: WebSocket, code: number | undefined, reason = ''): void {
  ws.close(code, Buffer.byteLength(reason) > MAX_REASON_BYTES ? '' : reason);
}

/** Cuts a connection whose client answers no ping: it may be gone without a word. */
function keepAlive(ws: WebSocket): void {
  let isAwaited = false;
  ws.on('pong', () => (isAwaited = false));
  const timer = setInterval(() => {
    if (isAwaited) ws.terminate();
    if (ws.readyState !== ws.OPEN) return;
    ws.ping();
    isAwaited = true;
  }, KEEP_ALIVE_MS);
  ws.once('close', () => clearInterval(timer));
}
